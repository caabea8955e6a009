import { z } from "zod";
import { RequestError } from "#server/errors.ts";
import { defineConnector, type Delivery } from "./contract.ts";
import { readJson } from "./kit/json.ts";
import { acceptedAt, secretList, weakSecrets } from "./kit/secret-list.ts";
import { headerFields, requireHmac, requireRecent } from "./kit/signature.ts";
import { stripeApi } from "./stripe/api.ts";
import { changesIn } from "./stripe/events.ts";
import { StripeEvent } from "./stripe/objects.ts";
import { changedSince, fetchInvoice } from "./stripe/read.ts";
import { simulate } from "./stripe/simulate.ts";
import { findMetadata, isTold, writeMetadata } from "./stripe/write-back.ts";

const Zone = z.string().refine(isZone, "is no time zone such as Europe/Berlin");

const Settings = z.object({
  mode: z.enum(["live", "sandbox"]).optional().meta({
    title: "Mode",
    description: "Events of the other mode are refused; else the key decides",
  }),
  account: z
    .string()
    .startsWith("acct_")
    .optional()
    .meta({ title: "Connected account", description: "acct_…, for Connect platforms" }),
  timeZone: Zone.optional().meta({
    title: "Time zone",
    description: "In which due dates are days; Stripe gives instants. UTC when empty",
  }),
  sameAsKey: z
    .string()
    .max(40)
    .optional()
    .meta({ title: "Metadata key of the ERP's id", description: "Links the invoice to the ERP's" }),
  pausesCollection: z
    .boolean()
    .optional()
    .meta({ title: "Pause collection", description: "Stop automatic collection while disputed" }),
  apiUrl: z
    .url({ protocol: /^https?$/ })
    .optional()
    .meta({ title: "API address", description: "https://api.stripe.com when empty" }),
});
type Settings = z.infer<typeof Settings>;

const Secrets = z.object({
  webhookSecret: secretList(z.string().min(1)).meta({
    title: "Signing secret",
    description: "whsec_…; one a line while one is replaced, the old one as <secret> until <time>",
    usedAt: [],
  }),
  apiKey: z
    .string()
    .regex(/^(rk|sk)_/, "is no key such as rk_live_…")
    .optional()
    .meta({ title: "Restricted key", description: "rk_live_…: to fetch and to write back" }),
});
type Secrets = z.infer<typeof Secrets>;

const toleranceSeconds = 300;

/** Stripe Invoicing and Billing: snapshot events in, metadata of the invoice out. */
export const stripe = defineConnector({
  name: "Stripe",
  kind: "payments",
  settings: Settings,
  secrets: Secrets,
  faults: (_settings, { webhookSecret }) => weakSecrets({ webhookSecret }),
  setUp: [
    "Workbench, Webhooks, Add destination: events from your account, payload style snapshot.",
    "Choose every invoice.* event but invoice.created, invoice_payment.paid, credit_note.*, refund.* and charge.dispute.*.",
    "Destination type webhook endpoint, address {url}; copy its signing secret (whsec_…) here.",
    "Developers, API keys, Create restricted key: Invoices write; Credit notes, Events, Customers, Charges and Disputes read.",
  ],
  answersUnusable: false,
  accepted: { status: 200 },
  api: ({ apiUrl, account, timeZone, sameAsKey, pausesCollection }, { apiKey }, http) => ({
    api: stripeApi(http, { baseUrl: apiUrl ?? "https://api.stripe.com", apiKey, account }),
    settings: { timeZone: timeZone ?? "UTC", sameAsKey },
    pausesCollection: pausesCollection ?? false,
  }),
  verify(delivery, secrets, settings) {
    requireSignature(delivery, secrets);
    requireMode(delivery, settings, secrets);
  },
  dedupeKey: ({ body }) => eventId(body),
  parse({ body }, { account, timeZone, sameAsKey }) {
    // A v2 destination sends thin notifications: the wrong kind was set up, and repeats do not help.
    if (readJson(Kind, body).object === "v2.core.event") return [];
    const event = readJson(StripeEvent, body);
    if (account !== undefined && event.account && event.account !== account) return [];
    return changesIn(event, { timeZone: timeZone ?? "UTC", sameAsKey });
  },
  simulate,
  canFetch: (_settings, { apiKey }) => apiKey !== undefined,
  fetch: (ref, reader) => fetchInvoice(ref, reader),
  // Stripe deletes drafts only: what is missing is another account's, or the other mode's.
  whenMissing: "hidden",
  changedSince: (since, cursor, reader) => changedSince(since, cursor, reader),
  canWriteBack: (event, _settings, { apiKey }) => isTold(event) && apiKey !== undefined,
  writeBack: (request, writer) => writeMetadata(request, writer),
  findWriteBack: (request, writer) => findMetadata(request, writer),
  async test({ api }) {
    const { data } = await api.get("/v1/invoices?limit=1", z.object({ data: z.array(Newest) }));
    const [newest] = data;
    return newest
      ? `Stripe answers; the newest invoice is ${newest.number ?? newest.id}`
      : "Stripe answers; there is no invoice yet";
  },
});

const Identity = z.object({ id: z.string() });
const beginsWithId = /^\s*\{\s*"id"\s*:\s*"(evt_\w+)"\s*,/;
const Kind = z.object({ object: z.string(), livemode: z.boolean().optional() });
const Newest = z.object({ id: z.string(), number: z.string().nullish() });

/** An event begins with its id, so that the rest need not be read before the answer. */
function eventId(body: Buffer): string {
  const [, id] = beginsWithId.exec(body.toString("latin1", 0, 200)) ?? [];
  return id ?? readJson(Identity, body).id;
}

/**
 * Stripe, "Verify webhook signatures": HMAC-SHA256 in hex over `<t>.<body>` under the whole secret;
 * any v1 may match, other schemes are ignored, an old time is refused, one ahead of ours is not.
 */
function requireSignature(
  { headers, body, receivedAt }: Delivery,
  { webhookSecret }: Secrets,
): void {
  const fields = headerFields(headers.get("stripe-signature"));
  const seconds = Number.parseInt(fields.get("t")?.at(-1) ?? "", 10);
  if (Number.isNaN(seconds)) throw new RequestError(400, "Stripe-Signature has no time");
  requireHmac({
    algorithm: "sha256",
    keys: acceptedAt(webhookSecret, receivedAt),
    signed: [`${seconds}.`, body],
    signatures: fields.get("v1") ?? [],
    encoding: "hex",
    status: 400,
  });
  requireRecent({ seconds, receivedAt, toleranceSeconds, future: "allowed", status: 400 });
}

/** Throws 400 for an event of the other mode, e.g. of a sandbox at a connection to live data. */
function requireMode({ body }: Delivery, { mode }: Settings, { apiKey }: Secrets): void {
  const keyMode = /_test_/.test(apiKey ?? "")
    ? "sandbox"
    : /_live_/.test(apiKey ?? "")
      ? "live"
      : undefined;
  const expected = mode ?? keyMode;
  if (expected === undefined) return;
  const { livemode } = readJson(Kind, body);
  if (livemode === undefined) return;
  if (livemode === (expected === "live")) return;
  throw new RequestError(
    400,
    `This connection takes ${expected} events, and this one is of the other mode`,
  );
}

function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
