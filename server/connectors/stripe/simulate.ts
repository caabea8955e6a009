import { createHash } from "node:crypto";
import type { Scenario, SimulatedRequest, Simulation } from "#server/connectors/contract.ts";
import { type InventedInvoice, inventInvoice } from "#server/connectors/kit/invented.ts";
import { hmac } from "#server/connectors/kit/signature.ts";
import { stripeVersion } from "./api.ts";
import { type SecretList, secretsIn } from "#server/connectors/kit/secret-list.ts";

interface Settings {
  mode?: "live" | "sandbox" | undefined;
  account?: string | undefined;
}

interface Secrets {
  webhookSecret: SecretList;
  apiKey?: string | undefined;
}

type Given = Simulation<Settings, Secrets>;
type Step = (invoice: InventedInvoice, at: number) => { type: string; object: object };

/** Events of one invoice, a second apart, since Stripe's only order is the time of each. */
const story =
  (...steps: Step[]): Scenario<Settings, Secrets> =>
  (given) => {
    const invoice = inventInvoice(given);
    const now = Math.floor(given.now.getTime() / 1000);
    return steps.map((step, index) => {
      const created = now - steps.length + 1 + index;
      return send({ serial: invoice.serial, created, ...step(invoice, created) }, given);
    });
  };

const finalized: Step = (invoice) => ({
  type: "invoice.finalized",
  object: invoiceObject(invoice, { status: "open" }),
});
const partlyPaid: Step = (invoice, at) => ({
  type: "invoice_payment.paid",
  object: invoicePayment(invoice, { count: 1, amount: invoice.part, at }),
});
const updated: Step = (invoice) => ({
  type: "invoice.updated",
  object: invoiceObject(invoice, { status: "open", amount_paid: invoice.part }),
});
const restPaid: Step = (invoice, at) => ({
  type: "invoice_payment.paid",
  object: invoicePayment(invoice, { count: 2, amount: invoice.total - invoice.part, at }),
});
const paid: Step = (invoice) => ({
  type: "invoice.paid",
  object: invoiceObject(invoice, { status: "paid", amount_paid: invoice.total }),
});
const failed: Step = (invoice) => ({
  type: "invoice.payment_failed",
  object: invoiceObject(invoice, { status: "open", attempt_count: 1 }),
});
const credited: Step = (invoice, at) => ({
  type: "credit_note.created",
  object: creditNote(invoice, at),
});
const voided: Step = (invoice) => ({
  type: "invoice.voided",
  object: invoiceObject(invoice, { status: "void" }),
});

/** Snapshot events as an endpoint of the connection's mode gets them. */
export const simulate: Readonly<Record<string, Scenario<Settings, Secrets>>> = {
  finalized: story(finalized),
  "partly-paid": story(finalized, partlyPaid, updated),
  paid: story(finalized, partlyPaid, updated, restPaid, paid),
  "payment-failed": story(finalized, failed),
  "credit-note": story(finalized, credited),
  voided: story(finalized, voided),
};

const seconds = (day: string) => Date.parse(`${day}T09:00:00Z`) / 1000;

/** An invoice as it stands in an event, without what nothing here reads. */
function invoiceObject(
  { serial, customer, total, issuedOn, dueOn }: InventedInvoice,
  fields: { status: string; amount_paid?: number; attempt_count?: number },
) {
  const { amount_paid = 0 } = fields;
  const issued = seconds(issuedOn);
  const line = { amount: total, currency: "eur", description: "Anodised profiles", quantity: 1 };
  return {
    id: `in_sim${serial}`,
    object: "invoice",
    account_name: "Simulated",
    amount_due: total,
    amount_remaining: fields.status === "void" ? total : total - amount_paid,
    attempt_count: 0,
    auto_advance: false,
    collection_method: "send_invoice",
    created: issued,
    currency: "eur",
    custom_fields: [{ name: "PO number", value: `PO-${serial}` }],
    customer: `cus_sim${customer.id.replace(/\D/g, "")}`,
    customer_name: customer.name,
    customer_email: null,
    due_date: seconds(dueOn),
    effective_at: issued,
    hosted_invoice_url: null,
    invoice_pdf: null,
    lines: {
      object: "list",
      data: [{ id: `il_sim${serial}`, object: "line_item", ...line, taxes: [], metadata: {} }],
      has_more: false,
    },
    livemode: false,
    metadata: {},
    number: `SIM-${serial}`,
    status_transitions: { finalized_at: issued, paid_at: null, voided_at: null },
    subtotal: total,
    total,
    ...fields,
    amount_paid,
  };
}

function invoicePayment(
  { serial }: InventedInvoice,
  { count, amount, at }: { count: number; amount: number; at: number },
) {
  return {
    id: `inpay_sim${serial}${count}`,
    object: "invoice_payment",
    amount_paid: amount,
    amount_requested: amount,
    created: at,
    currency: "eur",
    invoice: `in_sim${serial}`,
    is_default: false,
    livemode: false,
    payment: { type: "payment_intent", payment_intent: `pi_sim${serial}${count}` },
    status: "paid",
    status_transitions: { canceled_at: null, paid_at: at },
  };
}

function creditNote({ serial, customer, part }: InventedInvoice, at: number) {
  return {
    id: `cn_sim${serial}`,
    object: "credit_note",
    amount: part,
    created: at,
    currency: "eur",
    customer: `cus_sim${customer.id.replace(/\D/g, "")}`,
    effective_at: at,
    invoice: `in_sim${serial}`,
    livemode: false,
    memo: "Two pieces were scratched",
    number: `SIM-${serial}-CN-01`,
    out_of_band_amount: null,
    post_payment_amount: 0,
    pre_payment_amount: part,
    reason: "product_unsatisfactory",
    status: "issued",
    total: part,
    type: "pre_payment",
    voided_at: null,
  };
}

interface Sent {
  serial: string;
  created: number;
  type: string;
  object: object;
}

function send({ serial, created, type, object }: Sent, given: Given): SimulatedRequest {
  const { settings, secrets, now } = given;
  const isLive =
    settings.mode === "live" || (!settings.mode && /_live_/.test(secrets.apiKey ?? ""));
  const digest = createHash("sha256").update(`${serial} ${type} ${JSON.stringify(object)}`);
  const body = JSON.stringify({
    id: `evt_sim${digest.digest("hex").slice(0, 20)}`,
    object: "event",
    ...(settings.account !== undefined && { account: settings.account }),
    api_version: stripeVersion,
    created,
    data: { object: { ...object, livemode: isLive } },
    livemode: isLive,
    pending_webhooks: 1,
    request: { id: null, idempotency_key: null },
    type,
  });
  return { method: "POST", query: "", headers: signedHeaders(body, secrets, now), body };
}

/** As Stripe signs: `t=<seconds>,v1=<hex>` over `<t>.<body>`. */
function signedHeaders(
  body: string,
  { webhookSecret }: Pick<Secrets, "webhookSecret">,
  now: Date,
): Record<string, string> {
  const [key = ""] = secretsIn(webhookSecret);
  const at = Math.floor(now.getTime() / 1000);
  const mac = hmac({ algorithm: "sha256", key, signed: [`${at}.`, body] }, "hex");
  const signature = `t=${at},v1=${mac}`;
  return { "content-type": "application/json; charset=utf-8", "stripe-signature": signature };
}
