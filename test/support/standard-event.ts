import type { NewDelivery } from "#db/queries/deliveries.ts";

/** An `invoice.issued` message as the generic connector reads it. */
export function invoiceIssued(number: string, invoice: Record<string, unknown> = {}) {
  return {
    type: "invoice.issued",
    timestamp: "2026-11-02T09:00:00.000Z",
    data: {
      invoice: {
        number,
        externalId: `ext-${number}`,
        customer: { id: "C-1", name: "Acme Tooling" },
        currency: "EUR",
        total: "1250.50",
        balance: "1250.50",
        issuedOn: "2026-11-02",
        dueOn: "2026-12-02",
        status: "open",
        version: 1,
        ...invoice,
      },
    },
  };
}

/** A `payment.received` message that pays a part of an invoice. */
export function paymentReceived(number: string, payment: { id: string; amount: string }) {
  const timestamp = "2026-11-05T09:00:00.000Z";
  const invoice = { number, externalId: `ext-${number}`, currency: "EUR" };
  const data = { invoice, payment: { ...payment, currency: "EUR", at: timestamp } };
  return { type: "payment.received", timestamp, data };
}

/** An issued invoice as a delivery that was stored and is due. */
export function arrived(number: string, at: string): NewDelivery {
  const body = Buffer.from(JSON.stringify(invoiceIssued(number)));
  return {
    ...{ connection_id: "erp", dedupe_key: number, method: "POST", path: "/", headers: "{}" },
    ...{ body, received_at: at, due_at: at, dead_at: null, error: null, origin: "receive" },
  };
}
