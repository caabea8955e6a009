import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { RequestError } from "#server/errors.ts";

const quarterHour = 900;

/**
 * How often, in 15 minutes, a network may ask for one address, may ask or try at all, and how many mails to an
 * address go out at once: the next ones wait, one a minute.
 */
export function createSignInLimits() {
  return {
    address: new RateLimiterMemory({ points: 5, duration: quarterHour }),
    mails: new RateLimiterMemory({ points: 5, duration: quarterHour }),
    peer: new RateLimiterMemory({ points: 30, duration: quarterHour }),
    confirm: new RateLimiterMemory({ points: 30, duration: quarterHour }),
  };
}

/** Counts one mail to an address. False when it has to wait for others. */
export async function countMail(limit: RateLimiterMemory, address: string): Promise<boolean> {
  try {
    await limit.consume(address);
    return true;
  } catch (refusal) {
    if (refusal instanceof RateLimiterRes) return false;
    throw refusal;
  }
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
