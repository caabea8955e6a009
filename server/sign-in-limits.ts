import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { RequestError } from "./errors.ts";

const quarterHour = 900;

/** How often an address may be mailed, and a peer may ask or try, in 15 minutes. */
export function createSignInLimits() {
  return {
    address: new RateLimiterMemory({ points: 5, duration: quarterHour }),
    peer: new RateLimiterMemory({ points: 30, duration: quarterHour }),
    confirm: new RateLimiterMemory({ points: 30, duration: quarterHour }),
  };
}

/** Counts one try. Throws 429 with Retry-After when there were too many. */
export async function countTry(limit: RateLimiterMemory, key: string): Promise<void> {
  try {
    await limit.consume(key);
  } catch (refusal) {
    if (!(refusal instanceof RateLimiterRes)) throw refusal;
    throw new RequestError(429, "That was too often. Please wait a few minutes and try again.", {
      headers: { "retry-after": String(Math.ceil(refusal.msBeforeNext / 1000)) },
      cause: refusal,
    });
  }
}
