import type { KeptInvoice } from "./fake-xero.ts";

export const invoiceId = "a03ffcd2-5d91-4c7e-b483-318584e9e439";
const day = (text: string) => `/Date(${Date.parse(text)}+0000)/`;

/** An approved invoice over 2,380.00 GBP, with whatever differs. */
export function keptInvoice(rest: Partial<KeptInvoice> = {}): KeptInvoice {
  return {
    ...{ Type: "ACCREC", Status: "AUTHORISED", LineAmountTypes: "Exclusive" },
    ...{ InvoiceID: invoiceId, InvoiceNumber: "INV-0042", Reference: "PO 7781" },
    ...{ CurrencyCode: "GBP", SubTotal: 1983.34, TotalTax: 396.66, Total: 2380 },
    ...{ AmountDue: 2380, AmountPaid: 0, AmountCredited: 0, SentToContact: true },
    ...{ Payments: [], CreditNotes: [], Prepayments: [], Overpayments: [] },
    ...{ DateString: "2026-11-02T00:00:00", Date: day("2026-11-02") },
    ...{ DueDateString: "2026-12-02T00:00:00", DueDate: day("2026-12-02") },
    Contact: {
      ContactID: "430fa14a-f945-44d3-9f97-5df5e28441b8",
      Name: "Liam Gallagher Ltd",
      EmailAddress: "ap@liam.example",
    },
    LineItems: [
      {
        ...{ LineItemID: "5f7a612b-fdcc-4d33-90fa-a9f6bc6db32f", AccountCode: "200" },
        ...{ Description: "Consulting October", UnitAmount: 110, Quantity: 18.0304 },
        ...{ TaxAmount: 396.66, LineAmount: 1983.34, TaxType: "OUTPUT2" },
      },
    ],
    updatedMs: Date.parse("2026-11-10T14:22:31.904Z"),
    ...rest,
  };
}

export function keptPayment(id: string, amount: number, on = "2026-11-10") {
  return { PaymentID: id, Date: day(on), Amount: amount, Reference: "BACS 778", CurrencyRate: 1 };
}

/** Part of a credit note, prepayment or overpayment that was applied to an invoice. */
export function keptShare(ids: Record<string, string>, amount: number, on = "2026-11-11") {
  return {
    ...ids,
    Date: day(on),
    DateString: `${on}T00:00:00`,
    AppliedAmount: amount,
    Total: amount,
  };
}
