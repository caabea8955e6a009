import { z } from "zod";
import { ZonedInstant } from "#server/connectors/kit/dates.ts";
import { textIn } from "#server/connectors/kit/apart.ts";
import { DecimalText, IdText } from "#server/connectors/kit/json.ts";

const Ref = z.object({ value: IdText, name: z.string().nullish() });

/** "SyncToken" counts an object's changes; "LastUpdatedTime" has whole seconds and a zone. */
const Stamped = z.object({
  Id: IdText,
  SyncToken: z.string().regex(/^\d{1,5}$/, "is no SyncToken"),
  MetaData: z.object({ LastUpdatedTime: ZonedInstant }),
});

const LinkedTxn = z.array(z.object({ TxnId: IdText, TxnType: z.string() })).nullish();

/** Sent back as it came, and what is not there is not sent. */
const Kept = z
  .string()
  .nullish()
  .transform((text) => text ?? undefined);

/** The sales form's own text fields; the portal's state is kept in one of them. */
const QboCustomField = z.object({
  DefinitionId: IdText,
  Name: Kept,
  Type: Kept,
  StringValue: Kept,
});

const ItemDetail = z.object({
  ItemRef: Ref.nullish(),
  UnitPrice: DecimalText.nullish(),
  Qty: DecimalText.nullish(),
});

const Line = z.object({
  Id: IdText.nullish(),
  Description: z.string().nullish(),
  Amount: DecimalText.nullish(),
  DetailType: z.string().nullish(),
  SalesItemLineDetail: ItemDetail.nullish(),
});

/** A bundle carries its items in lines of its own. */
export const QboLine = Line.extend({
  GroupLineDetail: z.object({ Line: z.array(Line).nullish() }).nullish(),
});
export type QboLine = z.infer<typeof QboLine>;

export const QboInvoice = Stamped.extend({
  DocNumber: z.string().nullish(),
  TxnDate: z.iso.date().nullish(),
  DueDate: z.iso.date().nullish(),
  /** Missing where a company uses one currency only. */
  CurrencyRef: Ref.nullish(),
  CustomerRef: Ref.nullish(),
  BillEmail: z.object({ Address: z.string().nullish() }).nullish(),
  CustomerMemo: z.object({ value: z.string().nullish() }).nullish(),
  PrivateNote: z.string().nullish(),
  TotalAmt: DecimalText,
  Balance: DecimalText,
  LinkedTxn,
  CustomField: z.array(QboCustomField).nullish(),
  Line: z.array(QboLine).nullish(),
});
export type QboInvoice = z.infer<typeof QboInvoice>;

export const QboPayment = Stamped.extend({
  TxnDate: z.iso.date().nullish(),
  CurrencyRef: Ref.nullish(),
  PaymentRefNum: z.string().nullish(),
  PaymentMethodRef: Ref.nullish(),
  TotalAmt: DecimalText,
  UnappliedAmt: DecimalText.nullish(),
  Line: z.array(z.object({ Amount: DecimalText, LinkedTxn })).nullish(),
});
export type QboPayment = z.infer<typeof QboPayment>;

export const QboCreditMemo = Stamped.extend({
  DocNumber: z.string().nullish(),
  InvoiceRef: Ref.nullish(),
  LinkedTxn,
  Line: z.array(QboLine).nullish(),
});
export type QboCreditMemo = z.infer<typeof QboCreditMemo>;

export const QboAttachable = z.object({ Id: IdText, Note: z.string().nullish() });

/** What change data capture leaves of an object that was deleted. */
export const Deleted = z.object({
  Id: IdText,
  status: z.literal("Deleted"),
  MetaData: z.object({ LastUpdatedTime: ZonedInstant }),
});

/** Rows are read one by one: one that cannot be read never costs its neighbours. */
const rows = z.array(z.unknown()).default([]);

export const QueryAnswer = z.object({
  QueryResponse: z.object({ Invoice: rows, Attachable: z.array(QboAttachable).default([]) }),
});

export const CdcAnswer = z.object({
  CDCResponse: z.array(
    z.object({
      QueryResponse: z
        .array(z.object({ Invoice: rows, Payment: rows, CreditMemo: rows }))
        .default([]),
    }),
  ),
});

export const PreferencesAnswer = z.object({
  Preferences: z.object({
    CurrencyPrefs: z.object({ HomeCurrency: z.object({ value: z.string() }).nullish() }).nullish(),
  }),
});

const Changed = z.object({ MetaData: z.object({ LastUpdatedTime: ZonedInstant }) });

/** What a row is called, and when it changed, as far as that can be read. */
export function aboutRow(row: unknown) {
  const id = textIn(row, "Id") ?? "";
  const number = textIn(row, "DocNumber") ?? id;
  return { id, number, changedAt: Changed.safeParse(row).data?.MetaData.LastUpdatedTime };
}
