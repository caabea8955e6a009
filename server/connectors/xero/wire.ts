import { z } from "zod";
import type { CalendarDate, Instant } from "#domain/time.ts";
import { Currency } from "#domain/money.ts";
import { CalendarDay, instantOf } from "#server/connectors/kit/dates.ts";
import { textIn } from "#server/connectors/kit/apart.ts";
import { DecimalText, readValue } from "#server/connectors/kit/json.ts";

/** Xero's JSON dates, `/Date(1794320551904+0000)/`: milliseconds since 1970 in UTC, whatever the zone says. */
const MsDate = z.string().transform((text, context): Instant => {
  const [, ms = ""] = /^\/Date\((-?\d{1,15})(?:[+-]\d{4})?\)\/$/.exec(text) ?? [];
  const instant = ms === "" ? null : instantOf(Number(ms));
  if (instant !== null) return instant;
  context.addIssue({ code: "custom", message: "is not a date such as /Date(1794320551904+0000)/" });
  return z.NEVER;
});

/** A day as `2026-11-02T00:00:00`; it has no zone and is never shifted. */
const DayText = z
  .string()
  .transform((text) => text.slice(0, "2026-11-02".length))
  .pipe(CalendarDay);

const dated = { Date: MsDate.nullish(), DateString: DayText.nullish() };

/** The calendar day of something that may say it in both ways. */
export function dayOf(item: {
  Date?: Instant | null | undefined;
  DateString?: CalendarDate | null | undefined;
}): CalendarDate | undefined {
  return item.DateString ?? item.Date?.slice(0, 10);
}

const LineItem = z.object({
  LineItemID: z.string().nullish(),
  Description: z.string().nullish(),
  Quantity: DecimalText.nullish(),
  UnitAmount: DecimalText.nullish(),
  LineAmount: DecimalText.nullish(),
  TaxAmount: DecimalText.nullish(),
  AccountCode: z.string().nullish(),
});
export type LineItem = z.infer<typeof LineItem>;

const Payment = z.object({
  PaymentID: z.string().min(1),
  ...dated,
  Amount: DecimalText,
  Reference: z.string().nullish(),
  Status: z.string().nullish(),
});

/** What was applied of something larger: a credit note, prepayment or overpayment. */
const applied = { ...dated, AppliedAmount: DecimalText.nullish(), Reference: z.string().nullish() };
const AppliedCreditNote = z.object({
  CreditNoteID: z.string().min(1),
  CreditNoteNumber: z.string().nullish(),
  ...applied,
});
const AppliedPrepayment = z.object({ PrepaymentID: z.string().min(1), ...applied });
const AppliedOverpayment = z.object({ OverpaymentID: z.string().min(1), ...applied });

/** Xero Accounting API 16.1, Invoice: amounts are decimals in major units, `Total` includes tax. */
export const XeroInvoice = z.object({
  Type: z.string(),
  InvoiceID: z.string().min(1),
  InvoiceNumber: z.string().nullish(),
  Reference: z.string().nullish(),
  Status: z.string(),
  SentToContact: z.boolean().nullish(),
  CurrencyCode: Currency,
  LineAmountTypes: z.string().nullish(),
  Contact: z
    .object({
      ContactID: z.string().nullish(),
      Name: z.string().nullish(),
      EmailAddress: z.string().nullish(),
      UpdatedDateUTC: MsDate.nullish(),
    })
    .nullish(),
  ...dated,
  DueDate: MsDate.nullish(),
  DueDateString: DayText.nullish(),
  Total: DecimalText,
  AmountDue: DecimalText,
  AmountPaid: DecimalText,
  CISDeduction: DecimalText.nullish(),
  LineItems: z.array(LineItem).nullish(),
  Payments: z.array(Payment).nullish(),
  CreditNotes: z.array(AppliedCreditNote).nullish(),
  Prepayments: z.array(AppliedPrepayment).nullish(),
  Overpayments: z.array(AppliedOverpayment).nullish(),
  UpdatedDateUTC: MsDate,
});
export type XeroInvoice = z.infer<typeof XeroInvoice>;

/** Each row is read by itself (`readInvoice`): one that cannot be read never costs its neighbours. */
export const XeroInvoices = z.object({ Invoices: z.array(z.unknown()) });

/** Throws RequestError 422 naming what cannot be read. */
export function readInvoice(row: unknown): XeroInvoice {
  return readValue(XeroInvoice, row);
}

/** What a row is called, and when it changed, as far as that can be read. */
export function aboutRow(row: unknown) {
  const id = textIn(row, "InvoiceID") ?? "";
  const number = textIn(row, "InvoiceNumber") ?? id;
  return { id, number, changedAt: MsDate.safeParse(textIn(row, "UpdatedDateUTC")).data };
}

export const XeroCreditNotes = z.object({
  CreditNotes: z.array(
    z.object({
      CreditNoteID: z.string(),
      Type: z.string(),
      Allocations: z
        .array(z.object({ Invoice: z.object({ InvoiceID: z.string().min(1) }) }))
        .nullish(),
      LineItems: z.array(LineItem).nullish(),
    }),
  ),
});

/** An invoice of which only the expected payment is of interest; Xero adds a twin text on some answers. */
export const XeroExpectedPayments = z.object({
  Invoices: z
    .array(
      z.object({
        InvoiceID: z.string(),
        Type: z.string().nullish(),
        ExpectedPaymentDate: z.union([MsDate, DayText]).nullish(),
        ExpectedPaymentDateString: DayText.nullish(),
      }),
    )
    .min(1),
});

export const XeroHistory = z.object({
  HistoryRecords: z.array(
    z.object({
      Details: z.string().nullish(),
      DateUTC: MsDate.nullish(),
      User: z.string().nullish(),
      ValidationErrors: z.array(z.object({ Message: z.string() })).nullish(),
    }),
  ),
});
