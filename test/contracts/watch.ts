import { z } from "zod";
import type { ConnectorHttp } from "#server/connectors/contract.ts";
import { testHttp } from "#test/connectors/stand-in.ts";

const Violations = z.array(
  z.object({
    location: z.array(z.union([z.string(), z.number()])).optional(),
    message: z.string(),
  }),
);

interface Watched {
  /** Where Prism listens, and what the vendor's paths begin with that the description leaves out. */
  prism: string;
  prefix: string;
  now: Date;
  /** The query parameters of a call that the description has not. */
  unknownParameters: (method: string, url: URL) => string[];
}

/** The connectors' HTTP client, led through Prism, which says what the description does not allow. */
export function watchedHttp({ prism, prefix, now, unknownParameters }: Watched) {
  const direct = testHttp({ now, timeoutMs: 60_000 });
  let violations = new Set<string>();
  let calls = 0;
  const http: ConnectorHttp = {
    ...direct,
    async request(call) {
      calls += 1;
      const { pathname, search } = new URL(call.url);
      const url = new URL(prism + pathname.slice(prefix.length) + search);
      const what = `${call.method} ${url.pathname}`;
      for (const name of unknownParameters(call.method, url)) {
        violations.add(`${what}: request.query.${name} is not described`);
      }
      const answer = await direct.request({ ...call, url: url.href });
      const told = Violations.parse(JSON.parse(answer.headers.get("sl-violations") ?? "[]"));
      for (const { location = [], message } of told) {
        violations.add(`${what}: ${location.join(".")} ${message}`);
      }
      return answer;
    },
  };
  return {
    http,
    /** What was not allowed while it worked, such as "GET /v1/invoices: request.query.limit must …". */
    async during(work: () => Promise<unknown>) {
      violations = new Set();
      calls = 0;
      let failure: string | null = null;
      try {
        await work();
        if (calls === 0) failure = "It called nobody";
      } catch (error) {
        failure = String(error);
      }
      return { violations: [...violations], failure };
    },
    [Symbol.asyncDispose]: () => direct[Symbol.asyncDispose](),
  };
}
