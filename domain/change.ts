import { z } from "zod";
import { DisputedLine, DisputeState, ReasonCode } from "./dispute.ts";
import { Currency, Money } from "./money.ts";
import { CalendarDate, Instant, Occurred } from "./time.ts";

/**
 * Which telling of an invoice is newer, as the system counts: an integer revision, or the instant
 * of the change. Compared per (connection, invoice); a revision ranks above an instant.
 */
export const Version = z.union([z.int(), Instant]);
export type Version = z.infer<typeof Version>;

/** How a system names an invoice: by its own id, else by the number it prints. */
export const InvoiceRef = z.object({
  externalId: z.string().min(1).max(200).optional(),
  number: z.string().min(1).max(100).optional(),
  /** The vendor's id of the organisation, when one app speaks for many: says whose invoice it is. */
  account: z.string().min(1).max(200).optional(),
});
export type InvoiceRef = z.infer<typeof InvoiceRef>;

export const Reference = z.object({
  kind: z.enum([
    "po",
    "job",
    "work_order",
    "delivery",
    "quotation",
    "contract",
    "project",
    "other",
  ]),
  value: z.string().min(1).max(200),
});
export type Reference = z.infer<typeof Reference>;

/** One line of an invoice; quantity, unit price and tax rate are decimals to show, amounts are minor units. */
export const Line = z.object({
  id: z.string(),
  description: z.string().max(1000),
  quantity: z.string().max(40).optional(),
  unit: z.string().max(40).optional(),
  unitPrice: z.string().max(40).optional(),
  taxRate: z.string().max(20).optional(),
  net: z.int().optional(),
  tax: z.int().optional(),
  total: z.int().optional(),
});
export type Line = z.infer<typeof Line>;

export const PaymentStage = z.enum(["pending", "received", "failed", "refunded", "reversed"]);
export type PaymentStage = z.infer<typeof PaymentStage>;

export const CreditType = z.enum(["credit_note", "discount", "correction"]);
export type CreditType = z.infer<typeof CreditType>;

/** How tellings of one version are ordered (see `compareTold`). */
const telling = {
  /** When the portal asked for it; absent where the system sent it by itself. */
  readAt: Instant.optional(),
  /** Place among the messages of one version: an invoice is finalised before it is paid. */
  rank: z.int().optional(),
};

/** The invoice as the system sees it now, perhaps in part: what is missing was not told. */
export const InvoiceSnapshot = InvoiceRef.extend({
  version: Version,
  /** When the system said so, if it is not the version itself. */
  toldAt: Instant.optional(),
  ...telling,
  customer: z
    .object({
      externalId: z.string().optional(),
      name: z.string().optional(),
      email: z.string().optional(),
    })
    .optional(),
  state: z.enum(["draft", "issued", "void", "written_off"]).optional(),
  /** Deleted there: says nothing of an invoice that nobody told of before. */
  isGone: z.boolean().optional(),
  overdue: z.boolean().optional(),
  currency: Currency.optional(),
  total: Money.optional(),
  paid: Money.optional(),
  credited: Money.optional(),
  due: Money.optional(),
  /**
   * What lowered the balance where nothing else explains it, if the message says so by its type or
   * status. Without it such a fall is "settled otherwise": only what a system calls money is a payment.
   */
  balanceBy: z.enum(["payment", "credit"]).optional(),
  /** The status in the system's own words, to be compared with what its sums say. */
  status: z.enum(["open", "partially_paid", "paid", "overdue"]).optional(),
  issuedOn: CalendarDate.optional(),
  dueOn: CalendarDate.optional(),
  references: z.array(Reference).optional(),
  lines: z.array(Line).optional(),
  /** Ids of all payments that count now, and of all credits: one told before that is missing here was taken back. */
  paymentIds: z.array(z.string()).optional(),
  creditIds: z.array(z.string()).optional(),
  description: z.string().max(500).optional(),
  payUrl: z.url().optional(),
  documentRef: z.string().optional(),
  /** Another connection's id of the same invoice, e.g. from metadata. */
  sameAs: z.object({ connection: z.string().optional(), externalId: z.string() }).optional(),
});
export type InvoiceSnapshot = z.infer<typeof InvoiceSnapshot>;

const about = {
  invoice: InvoiceRef,
  version: Version.optional(),
  toldAt: Instant.optional(),
  ...telling,
};

/** What a system says. A connector returns these, never events; every amount carries its currency. */
export const Change = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("invoice"), invoice: InvoiceSnapshot }),
  z.object({
    kind: z.literal("payment"),
    ...about,
    /** The system's own id; identifies the payment together with the connection. */
    paymentId: z.string().min(1),
    stage: PaymentStage,
    /** The id is a refund's: with `failed` or `reversed` the refund did not take place. */
    isRefund: z.boolean().optional(),
    amount: Money,
    /** What the payer wrote; identifies nothing. */
    reference: z.string().optional(),
    method: z.string().optional(),
    reason: z.string().optional(),
    occurredAt: Occurred,
  }),
  z.object({
    kind: z.literal("credit"),
    ...about,
    creditId: z.string().min(1),
    type: CreditType,
    amount: Money,
    /** A credit note that was taken back counts nothing from then on. */
    voided: z.boolean().optional(),
    reason: z.string().optional(),
    occurredAt: Occurred,
  }),
  z.object({
    kind: z.literal("dispute"),
    ...about,
    /** The system's own id of it, the portal's id (dsp_…), or the number D-<invoice>-NN. */
    externalId: z.string().optional(),
    state: DisputeState,
    reason: ReasonCode.optional(),
    amount: Money.optional(),
    creditedAmount: Money.optional(),
    message: z.string().max(5000).optional(),
    occurredAt: Occurred,
  }),
  z.object({
    kind: z.literal("comment"),
    ...about,
    externalId: z.string().optional(),
    author: z.string().optional(),
    text: z.string().min(1).max(5000),
    occurredAt: Occurred,
  }),
  z.object({
    kind: z.literal("promise"),
    ...about,
    externalId: z.string().optional(),
    promisedOn: CalendarDate,
    amount: Money.optional(),
    occurredAt: Occurred,
  }),
  z.object({
    kind: z.literal("chargeback"),
    ...about,
    chargebackId: z.string().min(1),
    stage: z.enum(["opened", "updated", "closed"]),
    amount: Money,
    reason: z.string().optional(),
    outcome: z.string().optional(),
    occurredAt: Occurred,
  }),
  z.object({
    kind: z.literal("overdue"),
    ...about,
    dueOn: CalendarDate.optional(),
    /** The portal's own rule no longer says so, since the days of grace changed. */
    takenBack: z.boolean().optional(),
    occurredAt: Occurred,
  }),
  /** Thin webhook: read the invoice from the system. */
  z.object({
    kind: z.literal("fetch"),
    invoice: InvoiceRef,
    /** What it is at by then: an older answer came before the system shows it. */
    version: Version.optional(),
  }),
]);
export type Change = z.infer<typeof Change>;

/** How a connection stands to an invoice's truth: erp and accounting may own totals and status. */
export const ConnectorKind = z.enum([
  "erp",
  "accounting",
  "payments",
  "crm",
  "work",
  "sheet",
  "bank",
]);
export type ConnectorKind = z.infer<typeof ConnectorKind>;

/** What people do in the portal; kept apart from what systems say because a person can be told no. */
export const PersonAction = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("open_dispute"),
    invoiceId: z.string(),
    reason: ReasonCode,
    /** null: the whole invoice. */
    amount: z.int().positive().nullable(),
    lines: z.array(DisputedLine),
    message: z.string().min(1).max(5000),
    customerReference: z.string().max(100).optional(),
    /** What stood on the form: the whole's minor units and `linesMark`. Another by now is refused. */
    shown: z.object({ whole: z.int(), lines: z.string() }).optional(),
  }),
  z.object({
    kind: z.literal("move_dispute"),
    disputeId: z.string(),
    state: DisputeState,
    message: z.string().max(5000).optional(),
    /** Minor units; with `resolved`. */
    creditedAmount: z.int().nonnegative().optional(),
    rootCause: z.string().max(200).optional(),
  }),
  /** The person takes it, or gives it back; refused when somebody else than `from` works it by then. */
  z.object({
    kind: z.literal("assign_dispute"),
    disputeId: z.string(),
    to: z.enum(["me", "nobody"]),
    /** The id of whoever worked it when the person decided; null: nobody did. */
    from: z.string().nullable(),
  }),
  z.object({
    kind: z.literal("comment"),
    invoiceId: z.string(),
    disputeId: z.string().optional(),
    text: z.string().min(1).max(5000),
  }),
  /** Finance only, the customer never sees it. */
  z.object({
    kind: z.literal("note"),
    invoiceId: z.string(),
    disputeId: z.string().optional(),
    text: z.string().min(1).max(5000),
  }),
  z.object({
    kind: z.literal("promise"),
    invoiceId: z.string(),
    promisedOn: CalendarDate,
    amount: z.int().positive().optional(),
  }),
  /** Takes back the promise that stands. */
  z.object({ kind: z.literal("withdraw_promise"), invoiceId: z.string() }),
]);
export type PersonAction = z.infer<typeof PersonAction>;
