import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { connectors } from "#server/connectors/index.ts";
import { type Asked, type Reply, startStandIn } from "#test/connectors/stand-in.ts";
import { readChanged, type Vendor, writeBackChecks } from "./vendor.ts";

const Event = z.looseObject({ data: z.object({ object: z.looseObject({ id: z.string() }) }) });
const eventIn = (name: string) => {
  const file = join(import.meta.dirname, "../connectors/stripe", `${name}.json`);
  return Event.parse(JSON.parse(readFileSync(file, "utf8")));
};
const updated = eventIn("03-invoice-updated-partial");
const invoice = updated.data.object;
const payment = eventIn("02-invoice-payment-paid-partial").data.object;
const creditNote = eventIn("05-credit-note-created").data.object;
const refund = {
  ...{ id: "re_1", object: "refund", amount: 1000, currency: "eur", status: "succeeded" },
  ...{ created: 1794320552, payment_intent: "pi_3SRvZtB7WZ01zgkW1part0001" },
};
const list = (path: string, ...data: unknown[]): Reply => ({
  status: 200,
  body: { object: "list", data, has_more: false, url: path },
});

const api = "https://api.stripe.com/v1";
const form = {
  method: "POST",
  headers: { "content-type": "application/x-www-form-urlencoded" },
} as const;

/** Stripe's API, as far as the connector calls it: one invoice with all that can hang on it. */
export const stripe: Vendor = {
  document: "stripe.json",
  prefix: "",
  async start() {
    const metadata: Record<string, string> = {};
    const server = await startStandIn((asked) => answer(asked, metadata));
    return {
      url: server.url,
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
      wrong: [
        { method: "GET", url: `${api}/invoices?limit=many` },
        { method: "GET", url: `${api}/invoices?state=open` },
        { method: "GET", url: `${api}/notes` },
        { ...form, url: `${api}/invoices/${invoice.id}`, body: "auto_advance=perhaps" },
      ],
      checks(http) {
        const secrets = { webhookSecret: "whsec_contracts", apiKey: "rk_test_contracts" };
        const bound = (settings: object) => connectors.get("stripe")?.bind(settings, secrets, http);
        const [connector, pausing] = [bound({}), bound({ pausesCollection: true })];
        if (!connector || !pausing) throw new Error("It is not in the list");
        return [
          ["fetches an invoice", async () => connector.fetch?.({ externalId: invoice.id })],
          ["fetches by a refund", async () => connector.fetch?.({ externalId: refund.id })],
          ["reads what changed lately", () => readChanged(connector, "2026-11-01T00:00:00.000Z")],
          ["reads what changed long ago", () => readChanged(connector, "2026-01-01T00:00:00.000Z")],
          ["is tested", async () => connector.test?.()],
          ...writeBackChecks(connector, invoice.id),
          ...writeBackChecks(pausing, invoice.id, ["dispute.opened", "dispute.resolved"]),
        ];
      },
    };
  },
};

function answer({ method, path, body }: Asked, metadata: Record<string, string>): Reply {
  const { pathname } = new URL(path, "http://stripe.test");
  if (method === "POST" && pathname === `/v1/invoices/${invoice.id}`) {
    for (const [name, value] of new URLSearchParams(body.toString())) {
      const [, key] = /^metadata\[(.+)\]$/.exec(name) ?? [];
      if (key !== undefined) metadata[key] = value;
    }
  }
  switch (pathname) {
    case `/v1/invoices/${invoice.id}`:
      return { status: 200, body: { ...invoice, metadata, auto_advance: true } };
    case `/v1/refunds/${refund.id}`:
      return { status: 200, body: refund };
    case "/v1/invoices":
      return list(pathname, { ...invoice, metadata });
    case "/v1/invoice_payments":
      return list(pathname, payment);
    case "/v1/credit_notes":
      return list(pathname, creditNote);
    case "/v1/refunds":
      return list(pathname, refund);
    case "/v1/events":
      return list(pathname, updated);
    default:
      return { status: 404, body: { error: { type: "invalid_request_error", message: path } } };
  }
}
