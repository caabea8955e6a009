import { UpstreamError } from "#server/errors.ts";
import type { ConnectorHttp, HttpAnswer } from "#server/connectors/contract.ts";
import { retryAfter } from "#server/connectors/kit/http.ts";

const perMinute = 60;
const minuteMs = 60_000;

/**
 * What one organisation lets an app ask: 60 calls in any minute, and nothing before the time that a
 * refusal named (Xero, "API limits").
 */
export function startQuota(http: ConnectorHttp) {
  const begun: number[] = [];
  let closedUntil = 0;

  return {
    /** Counts a call. Throws UpstreamError, with the time to come back, when it may not be made now. */
    take(): void {
      const now = http.now().getTime();
      while (begun[0] !== undefined && begun[0] <= now - minuteMs) begun.shift();
      const [oldest] = begun;
      const freeAt = begun.length >= perMinute && oldest !== undefined ? oldest + minuteMs : 0;
      const openAt = Math.max(freeAt, closedUntil);
      if (openAt > now) {
        const retryAt = new Date(openAt).toISOString();
        const message = `${http.name} takes no more calls before ${retryAt}`;
        throw new UpstreamError(message, { outcome: "not_sent", retryAt });
      }
      begun.push(now);
    },
    /** Believes an answer that says when the next call may come. */
    heed({ status, headers }: HttpAnswer): void {
      if (status !== 429) return;
      const now = http.now();
      const until = retryAfter(headers, now) ?? new Date(now.getTime() + minuteMs).toISOString();
      closedUntil = Math.max(closedUntil, Date.parse(until));
    },
  };
}
