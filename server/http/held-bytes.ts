import { RequestError } from "#server/errors.ts";

/** How much of bodies is held while they are read, beyond the beginning of each. */
export interface HeldLimits {
  all: number;
  /** Of one caller's network, so that nobody holds everybody else's place. */
  ofNetwork: number;
  /** So much of each body counts as nothing: an ordinary one is never refused for the sake of others. */
  ofEachFree: number;
}

export const usualHeld: HeldLimits = {
  all: 64 * 1024 * 1024,
  ofNetwork: 16 * 1024 * 1024,
  ofEachFree: 64 * 1024,
};

/** What is held of one body. */
export interface HeldBody {
  /** Counts what came. Throws RequestError 503 when it is more than may be held. */
  add(bytes: number): void;
  /** Call it once, when nothing of the body is kept any more. */
  release(): void;
}

/** Gives what counts a body: by the bytes that came, never by those that its header promises. */
export function countHeld({ all, ofNetwork, ofEachFree }: HeldLimits) {
  let held = 0;
  const byNetwork = new Map<string, number>();

  /** `network` is asked for bodies that count alone. */
  return (network: () => string): HeldBody => {
    let size = 0;
    let counted = 0;
    let key: string | undefined;
    return {
      add(bytes) {
        size += bytes;
        const more = Math.max(0, size - ofEachFree) - counted;
        if (more === 0) return;
        key ??= network();
        const same = (byNetwork.get(key) ?? 0) + more;
        if (held + more > all || same > ofNetwork) throw busy();
        counted += more;
        held += more;
        byNetwork.set(key, same);
      },
      release() {
        if (key === undefined) return;
        held -= counted;
        const left = (byNetwork.get(key) ?? 0) - counted;
        if (left > 0) byNetwork.set(key, left);
        else byNetwork.delete(key);
      },
    };
  };
}

function busy(): RequestError {
  return new RequestError(503, "Too many bodies are being read", {
    headers: { "retry-after": "1", connection: "close" },
  });
}
