import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { answerCompany, fault, type Question, type Said } from "./intuit-api.ts";
import { type Company, openCompany } from "./intuit-company.ts";
import { openGrants } from "./intuit-oauth.ts";
import { wireText } from "./intuit-wire.ts";

/** How the next call of a method is treated; `lose` does it and breaks the connection unanswered. */
export type Treatment = "throttle" | "lose" | "fail" | "forbid" | "unreadable";

interface Treated {
  method: string;
  path: string;
  treatment: Treatment;
}

export type Intuit = Awaited<ReturnType<typeof startIntuit>>;

/**
 * Intuit on a free port: its authorization server, and the accounting API of some companies. It is
 * strict about what it is sent, and what it would never take is kept in `violations`.
 */
export async function startIntuit({ clock = () => new Date() }: { clock?: () => Date } = {}) {
  const companies = new Map<string, Company>();
  const grants = openGrants(clock);
  const asked: Question[] = [];
  const violations: string[] = [];
  const treated: Treated[] = [];
  /** Answers by requestid: the first one is given again. */
  const answered = new Map<string, Said>();
  let before: ((question: Question) => void) | undefined;

  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = "GET" } = incoming;
    const url = new URL(incoming.url ?? "/", "http://intuit.test");
    const body = await text(incoming);
    const question = { method, url, headers: incoming.headers, body };
    const granted = grants.answer(question);
    if (granted) {
      const headers = { "content-type": "application/json;charset=UTF-8", ...granted.headers };
      outgoing.writeHead(granted.status, headers);
      return void outgoing.end(granted.body === undefined ? "" : JSON.stringify(granted.body));
    }
    asked.push(question);
    const at = treated.findIndex(
      (each) => each.method === method && url.pathname.includes(each.path),
    );
    const [next] = at < 0 ? [] : treated.splice(at, 1);
    if (next && next.treatment !== "lose") return send(outgoing, refusalBy(next.treatment));
    before?.(question);
    const said = answerOnce(question);
    if (next) return void incoming.socket.destroy();
    send(outgoing, said);
  }

  function answerOnce(question: Question): Said {
    const { url, headers } = question;
    const requestId = url.searchParams.get("requestid");
    const known = requestId === null ? undefined : answered.get(requestId);
    if (known) return known;
    const [, realm = ""] = /^\/v3\/company\/([^/]+)/.exec(url.pathname) ?? [];
    const company = companies.get(realm);
    if (!company) return { status: 404, body: {} };
    if (!grants.allows(headers.authorization, realm)) {
      return fault(401, "AuthenticationFault", { code: "3200", message: "Token expired" });
    }
    const said = answerCompany(question, { company, violations, clock });
    if (requestId !== null) answered.set(requestId, said);
    return said;
  }

  const server = createServer((incoming, outgoing) => {
    answer(incoming, outgoing).catch((error: unknown) => {
      violations.push(String(error));
      outgoing.destroy();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;

  return {
    url,
    asked,
    violations,
    grants,
    /** A company's books, opened with the first mention. */
    company(realm: string): Company {
      const company = companies.get(realm) ?? openCompany(clock);
      companies.set(realm, company);
      return company;
    },
    /** How the next call of this method to such a path is treated. */
    treat: (method: string, path: string, ...treatments: Treatment[]) =>
      treated.push(...treatments.map((treatment) => ({ method, path, treatment }))),
    /** Something happens before a call is answered, e.g. somebody else changes the invoice. */
    beforeEach(work: ((question: Question) => void) | undefined): void {
      before = work;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function refusalBy(treatment: Exclude<Treatment, "lose">): Said {
  switch (treatment) {
    case "throttle":
      return fault(429, "ThrottleExceeded", { code: "003001", message: "ThrottleExceeded" });
    case "fail":
      return { status: 500, body: "<html>Internal error</html>" };
    case "forbid":
      return fault(403, "AuthorizationFault", {
        code: "3100",
        message: "ApplicationAuthorizationFailed",
      });
    case "unreadable":
      return { status: 200, body: { Invoice: { Id: 1 } } };
  }
}

function send(outgoing: ServerResponse, { status, body }: Said): void {
  outgoing.writeHead(status, { "content-type": "application/json" });
  outgoing.end(typeof body === "string" ? body : wireText(body));
}
