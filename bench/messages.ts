import { createHmac } from "node:crypto";

export const secret = `whsec_${Buffer.alloc(32, "bench secret ").toString("base64")}`;
const key = Buffer.from(secret.slice("whsec_".length), "base64");

/** A whole HTTP request, signed by Standard Webhooks, ready for the wire. */
export function signedRequest(path: string, id: string, body: string): Buffer {
  const at = Math.floor(Date.now() / 1000);
  const signature = createHmac("sha256", key).update(`${id}.${at}.${body}`).digest("base64");
  const head = [
    `POST ${path} HTTP/1.1`,
    "host: localhost",
    "user-agent: bench",
    "content-type: application/json",
    `content-length: ${Buffer.byteLength(body)}`,
    `webhook-id: ${id}`,
    `webhook-timestamp: ${at}`,
    `webhook-signature: v1,${signature}`,
  ];
  return Buffer.from(`${head.join("\r\n")}\r\n\r\n${body}`);
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
