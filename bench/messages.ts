import { createHmac } from "node:crypto";
import { z } from "zod";

export const secret = `whsec_${Buffer.alloc(32, "bench secret ").toString("base64")}`;
const key = Buffer.from(secret.slice("whsec_".length), "base64");

/** How a sender signs: both are HMAC-SHA256 over a time and the body. */
export const Scheme = z.enum(["standard-webhooks", "stripe"]);
export type Scheme = z.infer<typeof Scheme>;

/** A whole HTTP request, signed, ready for the wire. */
export function signedRequest(scheme: Scheme, path: string, index: number): Buffer {
  const id = `msg_${index}`;
  const at = Math.floor(Date.now() / 1000);
  const body = scheme === "stripe" ? stripeBody(index, at) : messageBody(index);
  const head = [
    `POST ${path} HTTP/1.1`,
    "host: localhost",
    "user-agent: bench",
    "content-type: application/json",
    `content-length: ${Buffer.byteLength(body)}`,
    ...signatureOf(scheme, { id, at, body }),
  ];
  return Buffer.from(`${head.join("\r\n")}\r\n\r\n${body}`);
}

function signatureOf(scheme: Scheme, { id, at, body }: { id: string; at: number; body: string }) {
  if (scheme === "stripe") {
    const mac = createHmac("sha256", secret).update(`${at}.${body}`).digest("hex");
    return [`stripe-signature: t=${at},v1=${mac}`];
  }
  const mac = createHmac("sha256", key).update(`${id}.${at}.${body}`).digest("base64");
  return [`webhook-id: ${id}`, `webhook-timestamp: ${at}`, `webhook-signature: v1,${mac}`];
}

/** A payment as Stripe tells it, of the usual size. */
function stripeBody(index: number, created: number): string {
  const payment = {
    id: `inpay_${index}`,
    object: "invoice_payment",
    amount_paid: 62_525,
    amount_requested: 62_525,
    created,
    currency: "eur",
    invoice: `in_${index}`,
    livemode: false,
    payment: { type: "payment_intent", payment_intent: `pi_${index}` },
    status: "paid",
    status_transitions: { canceled_at: null, paid_at: created },
  };
  const event = { id: `evt_${index}`, object: "event", created, livemode: false };
  return JSON.stringify({ ...event, type: "invoice_payment.paid", data: { object: payment } });
}

/** Invoices are issued and paid: each odd message pays half of the invoice before it. */
export function messageBody(index: number): string {
  const number = `INV-${String(index >> 1).padStart(7, "0")}`;
  const timestamp = new Date().toISOString();
  const paid = index % 2 === 1;
  const invoice = {
    number,
    externalId: `ext-${index >> 1}`,
    customer: { id: `C-${(index >> 1) % 400}`, name: `Customer ${(index >> 1) % 400}` },
    currency: "EUR",
    total: "1250.50",
    balance: paid ? "625.25" : "1250.50",
    issuedOn: "2026-11-02",
    dueOn: "2026-12-02",
    status: paid ? "partially_paid" : "open",
    version: paid ? 2 : 1,
    poNumber: `PO-${index >> 1}`,
  };
  const payment = { id: `pay-${index}`, amount: "625.25", currency: "EUR", at: timestamp };
  const data = paid ? { invoice, payment } : { invoice };
  return JSON.stringify({ type: paid ? "payment.received" : "invoice.issued", timestamp, data });
}
