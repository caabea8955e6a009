import { z } from "zod";
import { Currency, type Money } from "#domain/money.ts";
import { CalendarDate, type Instant } from "#domain/time.ts";
import { ZonedInstant } from "#server/connectors/kit/dates.ts";
import { DecimalText, IdText } from "#server/connectors/kit/json.ts";
import { roundedAmount } from "#server/connectors/kit/rounded-amount.ts";

/** An `account.move` as the portal reads it, whichever way it came. */
export interface Move {
  id: string;
  /** Undefined as long as it was never posted. */
  number: string | undefined;
  type: string;
  state: string;
  paymentState: string;
  total: Money;
  /** What is still open; of a credit note, what it has not settled yet. */
  residual: Money;
  issuedOn: string | undefined;
  dueOn: string | undefined;
  customer: { externalId: string; name: string };
  /** What the customer calls the order; null: it has no name for it, undefined: not told. */
  reference: string | null | undefined;
  /** The order it was made from. */
  origin: string | null | undefined;
  /** Of a credit note: the invoice that it takes back. */
  reverses: string | undefined;
  /** `write_date`, to the second. */
  writtenAt: Instant;
  company?: string | undefined;
  /** Our own fields, where they were made. */
  dispute?: { number: string; state: string } | undefined;
}

/** Odoo's way of saying nothing is `false`. */
function orNothing<T>(schema: z.ZodType<T>) {
  const nothing = z.union([z.literal(false), z.null(), z.literal("")]);
  return z.union([nothing.transform(() => null), schema]);
}

const Text = orNothing(z.string());
const Day = orNothing(CalendarDate);

/** A link to another record: `[id, name]`, or the id alone. */
export const Link = z.union([
  z.tuple([IdText, z.string()]).transform(([id, name]) => ({ id, name })),
  IdText.transform((id) => ({ id, name: undefined })),
]);

/** "2026-11-10 15:02:11.104233", in UTC; the API tells no fractions, so they are dropped. */
export const WriteDate = z
  .string()
  .regex(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?$/, "is not a time such as 2026-11-10 15:02:11")
  .transform((text): Instant => `${text.slice(0, 10)}T${text.slice(11, 19)}.000Z`);

/** Names that Odoo's localisations give a currency of ISO 4217 (l10n_cl: Unidad de Fomento). */
const isoNames = new Map([["UF", "CLF"]]);
const OdooCurrency = z
  .string()
  .transform((name) => isoNames.get(name) ?? name)
  .pipe(Currency);
const Currencies = z.tuple([IdText, OdooCurrency]).transform(([, code]) => code);

/** Odoo's floats, as Python writes them. */
const fromFloat = (text: string, currency: string): Money =>
  roundedAmount(text, currency, "half-even");

export const moveFields = [
  ...["name", "move_type", "state", "payment_state", "invoice_date", "invoice_date_due"],
  ...["partner_id", "commercial_partner_id", "currency_id", "company_id", "amount_total"],
  ...["amount_residual", "ref", "invoice_origin", "reversed_entry_id", "write_date"],
];

/** The fields of ours that an administrator may add; names of such fields begin with x_ there. */
export const ownFields = {
  disputeState: "x_portal_dispute_state",
  disputeNumber: "x_portal_dispute_ref",
  promisedOn: "x_portal_promise_date",
} as const;

const Row = z.object({
  id: IdText,
  name: Text,
  move_type: z.string(),
  state: z.string(),
  payment_state: Text,
  invoice_date: Day,
  invoice_date_due: Day,
  partner_id: orNothing(Link),
  commercial_partner_id: orNothing(Link).optional(),
  currency_id: Currencies,
  company_id: orNothing(Link).optional(),
  amount_total: DecimalText,
  amount_residual: DecimalText,
  ref: Text.optional(),
  invoice_origin: Text.optional(),
  reversed_entry_id: orNothing(Link).optional(),
  write_date: WriteDate,
  [ownFields.disputeState]: Text.optional(),
  [ownFields.disputeNumber]: Text.optional(),
});

/** A row of `read` or `search_read`. */
export const MoveRow = Row.transform((row): Move => {
  const partner = row.commercial_partner_id ?? row.partner_id;
  const [state, number] = [row[ownFields.disputeState], row[ownFields.disputeNumber]];
  return {
    id: row.id,
    number: numberOf(row.name),
    type: row.move_type,
    state: row.state,
    paymentState: row.payment_state ?? "",
    total: fromFloat(row.amount_total, row.currency_id),
    residual: fromFloat(row.amount_residual, row.currency_id),
    issuedOn: row.invoice_date ?? undefined,
    dueOn: row.invoice_date_due ?? undefined,
    customer: { externalId: partner?.id ?? "", name: partner?.name ?? "" },
    reference: row.ref ?? null,
    origin: row.invoice_origin ?? null,
    reverses: row.reversed_entry_id?.id,
    writtenAt: row.write_date,
    company: row.company_id?.id,
    ...(state && number && { dispute: { number, state } }),
  };
});

/** Which invoice a credit note takes back, read also where the rest of the row cannot be. */
export const Reversing = z.object({
  reversed_entry_id: Link.transform(({ id }) => id),
});

/** Before it is posted for the first time, Odoo calls it "/". */
function numberOf(name: string | null | undefined): string | undefined {
  return name && name !== "/" ? name : undefined;
}

/** What the built-in action "Send Webhook Notification" posts: nothing in it is signed. */
export const Notice = z.object({
  _model: z.string(),
  _id: IdText,
  write_date: z.union([z.literal(false), z.string()]).optional(),
  move_type: z.unknown().optional(),
});

const PushedMove = z.object({
  id: IdText,
  number: Text.optional(),
  moveType: z.string(),
  state: z.string(),
  paymentState: Text.optional(),
  currency: OdooCurrency,
  amountTotal: DecimalText,
  amountResidual: DecimalText,
  invoiceDate: Day.optional(),
  dueDate: Day.optional(),
  partner: z.object({ id: IdText, name: z.string() }),
  company: z.object({ id: IdText }).nullish(),
  ref: Text.optional(),
  origin: Text.optional(),
  reversedEntry: z.object({ id: IdText }).nullish(),
  writeDate: ZonedInstant,
});

/** What our add-on posts, signed. */
export const Pushed = z.object({
  type: z.literal("invoice.changed"),
  database: z.string(),
  model: z.literal("account.move"),
  invoice: PushedMove.transform((move): Move => ({
    id: move.id,
    number: numberOf(move.number),
    type: move.moveType,
    state: move.state,
    paymentState: move.paymentState ?? "",
    total: fromFloat(move.amountTotal, move.currency),
    residual: fromFloat(move.amountResidual, move.currency),
    issuedOn: move.invoiceDate ?? undefined,
    dueOn: move.dueDate ?? undefined,
    customer: { externalId: move.partner.id, name: move.partner.name },
    reference: move.ref,
    origin: move.origin,
    reverses: move.reversedEntry?.id,
    writtenAt: move.writeDate,
    company: move.company?.id,
  })),
});
