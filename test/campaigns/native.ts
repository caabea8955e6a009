import { execFileSync } from "node:child_process";
import { closeSync, openSync, readSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";

/** Compiles one of the libraries in `native/` into a folder; gives its file. Throws without a compiler. */
export function compileNative(name: "faults" | "recorder", folder: string): string {
  const file = join(folder, `${name}.so`);
  const source = join(import.meta.dirname, "native", `${name}.c`);
  execFileSync("cc", ["-O1", "-shared", "-fPIC", "-o", file, source, "-ldl"]);
  return file;
}

/** Which calls of the database's files fail, as in faults.c. */
const failing = { write: 1, sync: 2, read: 4 } as const;
const eio = 5n;
const places = { clockMs: 0, calls: 1, error: 2, pass: 3, times: 4, most: 5, failed: 6 } as const;

export interface Failing {
  calls: readonly (keyof typeof failing)[];
  /** So many calls go well first. */
  after: number;
  /** So many fail, then all go well again. */
  times: number;
}

export type Faults = ReturnType<typeof openFaults>;

/** What a portal that is started with `environment` meets: a moved clock, EIO, a full disk. */
export function openFaults(folder: string) {
  const library = compileNative("faults", folder);
  const file = join(folder, "faults");
  writeFileSync(file, Buffer.alloc(64));
  const control = openSync(file, "r+");
  let clockMs = 0;

  function set(place: keyof typeof places, value: number | bigint): void {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(value));
    writeSync(control, bytes, 0, 8, 8 * places[place]);
  }

  return {
    environment: { LD_PRELOAD: library, FAULTS_FILE: file, FAULTS_PATH: "portal.db" },
    /** The portal's time: what is signed for it has to carry it. */
    now: (): Date => new Date(Date.now() + clockMs),
    /** How far the portal's clock is ahead. */
    aheadMs: (): number => clockMs,
    /** Moves the portal's clock from where it is now. */
    jump(ms: number): void {
      clockMs += ms;
      set("clockMs", clockMs);
    },
    /** Lets file calls fail with EIO. */
    fail({ calls, after, times }: Failing): void {
      set("calls", 0);
      set("error", eio);
      set("pass", after);
      set("times", times);
      set(
        "calls",
        calls.reduce((mask, call) => mask | failing[call], 0),
      );
    },
    /** No file may grow beyond so many bytes; 0: any size. */
    fillUp: (bytes: number): void => set("most", bytes),
    /** How many calls failed since the disk was well. */
    failed(): number {
      const bytes = Buffer.alloc(8);
      readSync(control, bytes, 0, 8, 8 * places.failed);
      return Number(bytes.readBigInt64LE());
    },
    /** The disk is well again; the clock stays where it is. */
    mend(): void {
      set("calls", 0);
      set("most", 0);
      set("failed", 0);
    },
    close: (): void => closeSync(control),
  };
}
