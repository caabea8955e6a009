import type { ConnectorHttp } from "#server/connectors/contract.ts";

/** The same client, and how far the system's clock is behind ours by its last answers' `Date`. */
export function watchClock(http: ConnectorHttp): { http: ConnectorHttp; behindMs: () => number } {
  let behind = 0;
  return {
    http: {
      ...http,
      async request(asked) {
        const answer = await http.request(asked);
        const at = Date.parse(answer.headers.get("date") ?? "");
        // `Date` has whole seconds; the answer was under way meanwhile.
        if (!Number.isNaN(at)) behind = Math.max(behind, http.now().getTime() - at - 1000);
        return answer;
      },
    },
    /** ms, never below 0: a clock ahead of ours leaves no gap. */
    behindMs: () => behind,
  };
}
