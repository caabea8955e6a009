import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import type { Context } from "#server/context.ts";
import { RequestError } from "#server/errors.ts";
import { networkOf } from "#server/http/peer.ts";

/** How many calls a key may make in a minute, and how many bad keys may come from one address. */
export const callsAMinute = 6_000;
export const badKeysAMinute = 20;

interface Limits {
  calls: RateLimiterMemory;
  badKeys: RateLimiterMemory;
}

const known = new WeakMap<Context["committed"], Limits>();

/** The counters of a portal; they live as long as its process. */
export function limitsOf({ committed }: Pick<Context, "committed">): Limits {
  const found = known.get(committed);
  if (found) return found;
  const limits = {
    calls: new RateLimiterMemory({ points: callsAMinute, duration: 60 }),
    badKeys: new RateLimiterMemory({ points: badKeysAMinute, duration: 60 }),
  };
  known.set(committed, limits);
  return limits;
}

/**
 * Counts one call of a key. Gives the headers that tell how many are left (IETF, "RateLimit header
 * fields for HTTP"). Throws 429 with `Retry-After` when none is.
 */
export async function countCall(
  context: Pick<Context, "committed">,
  keyId: string,
): Promise<Record<string, string>> {
  try {
    return headersOf(await limitsOf(context).calls.consume(keyId));
  } catch (spent) {
    if (!(spent instanceof RateLimiterRes)) throw spent;
    const message = `This key may call ${callsAMinute} times a minute`;
    const headers = { ...headersOf(spent), "retry-after": String(secondsOf(spent)) };
    throw new RequestError(429, message, { headers });
  }
}

/** Counts one bad key of a network. Throws 429 once it sent too many. */
export async function countBadKey(
  context: Pick<Context, "committed">,
  address: string,
): Promise<void> {
  try {
    await limitsOf(context).badKeys.consume(networkOf(address));
  } catch (spent) {
    if (!(spent instanceof RateLimiterRes)) throw spent;
    throw new RequestError(429, "Too many bad keys came from this address", {
      headers: { "retry-after": String(secondsOf(spent)) },
    });
  }
}

function headersOf(state: RateLimiterRes): Record<string, string> {
  return {
    "ratelimit-policy": `"key";q=${callsAMinute};w=60`,
    ratelimit: `"key";r=${state.remainingPoints};t=${secondsOf(state)}`,
  };
}

function secondsOf({ msBeforeNext }: RateLimiterRes): number {
  return Math.max(1, Math.ceil(msBeforeNext / 1000));
}
