import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";

/**
 * How the ERP answers: well; after a second; 429 with Retry-After; 500; the connection breaks before
 * or after it did what was asked; 200 with a body that says nothing; 401; 409 for the version.
 */
export type ErpTreatment =
  | "take"
  | "slow"
  | "too-many"
  | "fail"
  | "hang-up"
  | "lose-answer"
  | "wrong-body"
  | "expired"
  | "conflict";

const Message = z.object({
  type: z.string(),
  data: z.looseObject({
    invoice: z.object({ number: z.string() }),
    dispute: z.object({ id: z.string() }).optional(),
  }),
});

/** A write-back that took effect, under the webhook-id that it came with first. */
export interface Effect {
  webhookId: string;
  type: string;
  number: string;
  dispute: string | undefined;
  reference: string;
}

export interface Asking {
  kind: "write-back" | "fetch" | "token";
  /** By the portal's clock. */
  atMs: number;
  treatment: ErpTreatment;
  webhookId: string | undefined;
}

const slowMs = 1_000;
export const retryAfterSeconds = 2;

export type Erp = Awaited<ReturnType<typeof startErp>>;

/**
 * An ERP on a free port. It takes write-backs once per webhook-id and remembers them in memory,
 * answers fetches with what `invoice` gives to whoever has its newest bearer token.
 */
export async function startErp(now: () => Date) {
  const effects: Effect[] = [];
  const asked: Asking[] = [];
  const state = {
    treat: (_kind: Asking["kind"]): ErpTreatment => "take",
    invoice: (_externalId: string): object | undefined => undefined,
    onEffect: (): void => undefined,
    /** The newest token; "expired" ends it, and older ones are refused. */
    token: 0,
  };
  const server = createServer((incoming, outgoing) => {
    answer(incoming, outgoing).catch(() => outgoing.destroy());
  });

  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await text(incoming);
    const { pathname } = new URL(incoming.url ?? "/", "http://erp");
    const kind =
      pathname === "/write-back" ? "write-back" : pathname === "/token" ? "token" : "fetch";
    const treatment = state.treat(kind);
    const webhookId = incoming.headers["webhook-id"]?.toString();
    asked.push({ kind, atMs: now().getTime(), treatment, webhookId });
    const send = (status: number, said: unknown, headers = {}) =>
      void outgoing
        .writeHead(status, { "content-type": "application/json", ...headers })
        .end(JSON.stringify(said));
    if (treatment === "too-many") {
      return send(429, {}, { "retry-after": String(retryAfterSeconds) });
    }
    if (treatment === "fail") return send(500, { message: "something broke" });
    if (treatment === "hang-up") return void outgoing.destroy();
    if (treatment === "expired") state.token += 1;
    const bearer = incoming.headers.authorization;
    if (kind === "fetch" && bearer !== `Bearer token-${state.token}`) {
      return send(401, { message: "the token has expired" });
    }
    if (treatment === "conflict") return send(412, { message: "somebody changed it meanwhile" });
    if (treatment === "slow") await pause(slowMs);
    const said = answerTo(kind, pathname, incoming, body);
    if (treatment === "lose-answer") return void outgoing.destroy();
    if (treatment === "wrong-body") return send(200, "<html>Welcome to the hotspot</html>");
    send(said === undefined ? 404 : 200, said ?? { message: "not found" });
  }

  function answerTo(kind: Asking["kind"], path: string, incoming: IncomingMessage, body: string) {
    if (kind === "token") return { access_token: `token-${++state.token}`, expires_in: 3600 };
    if (kind === "fetch") return state.invoice(decodeURIComponent(path.split("/").at(-1) ?? ""));
    return take(String(incoming.headers["webhook-id"]), body);
  }

  function take(webhookId: string, body: string): { reference: string } {
    const known = effects.find((effect) => effect.webhookId === webhookId);
    if (known) return { reference: known.reference };
    const { type, data } = Message.parse(JSON.parse(body));
    const reference = `CASE-${effects.length + 1}`;
    const { invoice, dispute } = data;
    effects.push({ webhookId, type, number: invoice.number, dispute: dispute?.id, reference });
    state.onEffect();
    return { reference };
  }

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`,
    effects,
    asked,
    state,
    async close(): Promise<void> {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
