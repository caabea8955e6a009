import { createHash, createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";

/** How the vendor treats the next renewal; `lose` renews and breaks the connection unanswered. */
export type Renewal = "give" | "lose" | "refuse" | "busy";

export interface VendorInvoice {
  id: string;
  number: string;
  total: number;
  paid: number;
  revision: number;
  changedAt: string;
}

export type Vendor = Awaited<ReturnType<typeof startVendor>>;

interface Options {
  /** A used refresh token works once more: what some vendors give for a lost answer. */
  grace?: boolean;
  /** Invoices on one page of the list of changes. */
  pageSize?: number;
  /** The vendor's clock, as its answers tell it. */
  now?: () => Date;
}

/**
 * Another company's accounting cloud, on a free port: OAuth 2 with PKCE and refresh tokens that work
 * once, organisations, invoices by id and by time of change. Counts what it was asked.
 */
export async function startVendor({
  grace = false,
  pageSize = 2,
  now = () => new Date(),
}: Options = {}) {
  const tokens = createTokens(grace);
  const books = createBooks(pageSize);
  const calls: string[] = [];
  const state = { organisations: [{ account: "a1", name: "Northwind Ltd" }] };

  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const url = new URL(incoming.url ?? "/", "http://vendor");
    calls.push(`${incoming.method} ${url.pathname}`);
    const send = (status: number, body: unknown) =>
      outgoing
        .writeHead(status, { "content-type": "application/json", date: now().toUTCString() })
        .end(JSON.stringify(body));
    if (url.pathname === "/authorize") {
      const back = tokens.authorize(url.searchParams);
      return void outgoing.writeHead(302, { location: back }).end();
    }
    if (url.pathname === "/token") {
      const said = tokens.token(new URLSearchParams(await text(incoming)));
      if (said === undefined) return void outgoing.destroy();
      return void send(said.status, said.body);
    }
    if (url.pathname === "/revoke") {
      tokens.revoke(new URLSearchParams(await text(incoming)));
      return void send(200, {});
    }
    const bearer = (incoming.headers.authorization ?? "").replace("Bearer ", "");
    if (!tokens.isGood(bearer)) return void send(401, { error: "expired" });
    if (url.pathname === "/organisations") return void send(200, state.organisations);
    const said = books.answer(url);
    if (said === undefined) return void outgoing.destroy();
    send(said.status, said.body);
  }

  const server = createServer((incoming, outgoing) => {
    answer(incoming, outgoing).catch(() => outgoing.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return Object.assign(state, {
    url: `http://127.0.0.1:${port}`,
    calls,
    tokens,
    books,
    asked: (call: string) => calls.filter((each) => each === call).length,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  });
}

/** What a vendor's app sends: thin notices of several organisations, signed by its one key. */
export function notice(events: { account: string; id: string }[], key = "vendor-signing-key") {
  const body = JSON.stringify({ events, nonce: Math.random() });
  const signature = createHmac("sha256", key).update(body).digest("hex");
  const headers = { "content-type": "application/json", "vendor-signature": signature };
  return { method: "POST", body, headers };
}

function createTokens(grace: boolean) {
  const codes = new Map<string, string | null>();
  const renewals: Renewal[] = [];
  const revoked: string[] = [];
  let count = 0;
  let access = "";
  let refresh = "";
  let before = "";

  function next() {
    count += 1;
    [before, refresh, access] = [refresh, `refresh-${count}`, `access-${count}`];
    return {
      status: 200,
      body: {
        access_token: access,
        refresh_token: refresh,
        token_type: "Bearer",
        expires_in: 1800,
      },
    };
  }

  const refused = (error: string) => ({ status: 400, body: { error } });

  return {
    revoked,
    /** What becomes of the next renewals. */
    treat: (...treatments: Renewal[]) => renewals.push(...treatments),
    issued: () => count,
    isGood: (bearer: string) => bearer !== "" && bearer === access,
    /** From now on the access token is refused, though its time has not come. */
    expire: () => void (access = `${access}-expired`),
    authorize(query: URLSearchParams): string {
      const back = new URL(query.get("redirect_uri") ?? "");
      const code = `code-${codes.size + 1}`;
      codes.set(code, query.get("code_challenge"));
      back.searchParams.set("code", code);
      back.searchParams.set("state", query.get("state") ?? "");
      return back.href;
    },
    token(form: URLSearchParams) {
      if (form.get("grant_type") === "authorization_code") {
        const code = form.get("code") ?? "";
        const challenge = codes.get(code);
        codes.delete(code);
        const verifier = form.get("code_verifier") ?? "";
        const isRight = challenge === createHash("sha256").update(verifier).digest("base64url");
        return isRight ? next() : refused("invalid_grant");
      }
      const treatment = renewals.shift() ?? "give";
      const given = form.get("refresh_token");
      if (treatment === "busy") return { status: 503, body: {} };
      const isKnown = given === refresh || (grace && given === before);
      if (treatment === "refuse" || !isKnown) return refused("invalid_grant");
      const fresh = next();
      return treatment === "lose" ? undefined : fresh;
    },
    revoke: (form: URLSearchParams) => revoked.push(form.get("token") ?? ""),
  };
}

function createBooks(pageSize: number) {
  const invoices = new Map<string, VendorInvoice>();
  const asked: { since: string; cursor: string | null }[] = [];
  /** Called before a page is answered; "break" ends the connection instead. */
  let onPage: ((page: number) => "break" | void) | undefined;
  let pages = 0;

  function page(url: URL) {
    const since = url.searchParams.get("since") ?? "";
    const cursor = url.searchParams.get("cursor");
    asked.push({ since, cursor });
    if (onPage?.(++pages) === "break") return undefined;
    const [afterAt = "", afterId = ""] = (cursor ?? "").split("|");
    const due = [...invoices.values()]
      .filter(({ changedAt }) => changedAt >= since)
      .sort((a, b) => `${a.changedAt}|${a.id}`.localeCompare(`${b.changedAt}|${b.id}`))
      .filter(
        ({ changedAt, id }) => cursor === null || `${changedAt}|${id}` > `${afterAt}|${afterId}`,
      );
    const shown = due.slice(0, pageSize);
    const last = shown.at(-1);
    const next = due.length > pageSize && last ? `${last.changedAt}|${last.id}` : null;
    return { status: 200, body: { invoices: shown, next } };
  }

  return {
    asked,
    onPage: (hook: typeof onPage) => void (onPage = hook),
    put: (invoice: VendorInvoice) => void invoices.set(invoice.id, invoice),
    answer(url: URL) {
      const [, id] = /\/invoices\/([^/]+)$/.exec(url.pathname) ?? [];
      if (id === undefined) return page(url);
      const found = invoices.get(id);
      return found ? { status: 200, body: found } : { status: 404, body: {} };
    },
  };
}
