/**
 * Whose turn it is to write, first come, first served, among the threads that share the numbers.
 * SQLite lets one connection write at a time, but a thread that waits inside SQLite answers nobody
 * meanwhile, and may wait for ever beside a busy one.
 */
export class WriteTurn {
  readonly #numbers: Int32Array;

  /** `shared` comes from another thread's `WriteTurn.shared()`. */
  constructor(shared: SharedArrayBuffer = WriteTurn.shared()) {
    this.#numbers = new Int32Array(shared);
  }

  static shared(): SharedArrayBuffer {
    return new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT);
  }

  /** Resolves when it is one's turn; whoever takes it must leave it. */
  async take(): Promise<void> {
    const mine = Atomics.add(this.#numbers, drawn, 1);
    if (this.#served() === mine) return;
    // Waiting for memory alone does not keep a thread from ending.
    const alive = setInterval(() => {}, longMs);
    for (let now = this.#served(); now !== mine; now = this.#served()) {
      await Atomics.waitAsync(this.#numbers, served, now).value;
    }
    clearInterval(alive);
  }

  #served(): number {
    return Atomics.load(this.#numbers, served);
  }

  leave(): void {
    Atomics.add(this.#numbers, served, 1);
    Atomics.notify(this.#numbers, served);
  }
}

const longMs = 2 ** 30;
/** Where the number drawn next stands, and the number that is served now; both wrap around alike. */
const drawn = 0;
const served = 1;
