import { creditNoteRef } from "#server/connectors/xero/references.ts";
import { clientId } from "#test/connectors/fake-xero-identity.ts";
import {
  invoiceId,
  keptInvoice,
  keptPayment,
  keptShare,
} from "#test/connectors/fake-xero-invoices.ts";
import { startFakeXero, tenants } from "#test/connectors/fake-xero.ts";
import { listedXero } from "#test/connectors/xero-organisation.ts";
import { now, readChanged, type Vendor, writeBackChecks } from "./vendor.ts";

const api = "https://api.xero.com/api.xro/2.0";
const second = "5b96e86b-418e-48e8-8949-308c14aec278";
const creditNote = "7df8949c-b71f-40c0-bbcf-39f2f450f286";

/** Xero's accounting API, as far as the connector calls it. */
export const xero: Vendor = {
  document: "xero.json",
  prefix: "/api.xro/2.0",
  async start() {
    const fake = await startFakeXero({ now: () => now });
    const { invoices, creditNotes } = fake.organisation(tenants.north);
    const paid = {
      ...{ AmountPaid: 300, AmountCredited: 100, AmountDue: 1980 },
      Payments: [keptPayment("b26fd49a-cbae-470a-a8f8-bcbc119e0379", 300)],
      CreditNotes: [keptShare({ CreditNoteID: creditNote, CreditNoteNumber: "CN-1" }, 100)],
    };
    invoices.set(second, keptInvoice({ InvoiceID: second, InvoiceNumber: "INV-0043", ...paid }));
    invoices.set(invoiceId, keptInvoice());
    creditNotes.set(creditNote, {
      ...{ CreditNoteID: creditNote, CreditNoteNumber: "CN-1", Type: "ACCRECCREDIT" },
      Allocations: [
        { Amount: 100, Date: "/Date(1794320552000+0000)/", Invoice: { InvoiceID: second } },
      ],
    });
    const token = fake.identity.grant();
    return {
      url: `${fake.url}/api.xro/2.0`,
      [Symbol.asyncDispose]: () => fake[Symbol.asyncDispose](),
      wrong: [
        { method: "GET", url: `${api}/Invoices/no-id` },
        { method: "GET", url: `${api}/Invoices?page=first` },
        { method: "GET", url: `${api}/Invoices?Numbers=INV-1` },
        { method: "PUT", url: `${api}/Invoices/${invoiceId}/Notes`, body: "{}" },
      ],
      checks(http) {
        const connector = listedXero().bind({ writeOffAccount: "830" }, {}, http, {
          ...{ account: tenants.north, app: { clientId } },
          ...{ token: async () => token, renew: async () => token },
        });
        const read = (ref: object) => connector.fetch?.(ref);
        return [
          ["fetches an invoice by its id", async () => read({ externalId: invoiceId })],
          ["fetches an invoice by its number", async () => read({ number: "INV-0042" })],
          ["fetches by a credit note", async () => read({ externalId: creditNoteRef(creditNote) })],
          [
            "fetches several at once",
            () => Promise.all([read({ externalId: invoiceId }), read({ externalId: second })]),
          ],
          ["reads what changed", () => readChanged(connector, "2026-11-01T00:00:00.000Z")],
          ["is tested", async () => connector.test?.()],
          ...writeBackChecks(connector, invoiceId),
          // What is paid in part has no expected date, so that the promise becomes a note.
          ...writeBackChecks(connector, second, ["promise.made"]),
        ];
      },
    };
  },
};
