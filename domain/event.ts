import { z } from "zod";
import { DisputedLine, DisputeState, ReasonCode } from "./dispute.ts";
import { Credit, InvoiceView, Payment, Settlement } from "./invoice.ts";
import { Instant, type Occurred } from "./time.ts";

const Text = z.string();
/** A calendar date. Older versions recorded days that do not exist, and what is recorded is read as it is. */
const DayTold = Text;
const InvoiceFields = InvoiceView.partial();

export const Dispute = z.object({
  id: Text,
  number: Text,
  reason: ReasonCode,
  state: DisputeState,
  /** Minor units in the invoice's currency; `wholeAmount` at opening when the whole is disputed. */
  amount: z.int(),
  whole: z.boolean(),
  lines: z.array(DisputedLine),
  message: Text,
  customerReference: Text.optional(),
  externalId: Text.optional(),
  firstResponseDueAt: Instant,
});
export type Dispute = z.infer<typeof Dispute>;

const Move = z.object({
  disputeId: Text,
  number: Text,
  from: DisputeState,
  state: DisputeState,
  message: Text.optional(),
  author: Text.optional(),
  amount: z.int().optional(),
  reason: ReasonCode.optional(),
  externalId: Text.optional(),
  creditedAmount: z.int().optional(),
  /** The credit is pending until `credited` of the invoice is this and creditedAmount together. */
  creditedBefore: z.int().optional(),
  processor: Text.nullable().optional(),
});
export type DisputeMove = z.infer<typeof Move>;

const Words = z.object({
  commentId: Text,
  disputeId: Text.optional(),
  text: Text,
  author: Text,
  side: z.enum(["customer", "supplier"]),
  externalId: Text.optional(),
});
const PromiseMade = z.object({
  promiseId: Text,
  promisedOn: DayTold,
  amount: z.int(),
  author: Text,
  externalId: Text.optional(),
});
const PromiseWithdrawn = z.object({
  promiseId: Text,
  promisedOn: DayTold,
  amount: z.int(),
  author: Text,
});
const Paid = z.object({ payment: Payment.nullable(), amount: z.int(), settlement: Settlement });
const Chargeback = z.object({
  chargebackId: Text,
  connection: Text,
  amount: z.int(),
  reason: Text.optional(),
  outcome: Text.optional(),
});
const Mail = z.object({
  outboxId: Text,
  recipient: Text,
  template: Text,
  messageId: Text,
  answer: Text,
  about: z.int().nullable(),
});
const WriteBack = z.object({
  outboxId: Text,
  connection: Text,
  what: Text,
  /** The event that was written back. */
  about: z.int(),
  disputeId: Text.optional(),
  /** The system's own id of what we wrote, e.g. NOTE-123. */
  reference: Text.nullable(),
  readBack: z.boolean(),
  answer: Text,
});

/** Data of every event type. A change of meaning is a new version with an upcaster, never an edit. */
export const eventData = {
  "invoice.issued": z.object({ invoice: InvoiceView }),
  "invoice.updated": z.object({ before: InvoiceFields, after: InvoiceFields }),
  "invoice.adjusted": z.object({
    credit: Credit.nullable(),
    amount: z.int(),
    settlement: Settlement,
  }),
  /** The balance fell, or rose again below 0, and no payment, credit or reason explains it. */
  "invoice.settled": z.object({ amount: z.int(), settlement: Settlement }),
  /** The owner corrected the currency: what was paid in the other one counts nothing here. */
  "invoice.reissued": z.object({
    from: z.object({ currency: Text, total: z.int(), paid: z.int() }),
    invoice: InvoiceView,
  }),
  "invoice.overdue": z.object({ dueOn: DayTold, due: z.int() }),
  "invoice.voided": z.object({ settlement: Settlement }),
  "invoice.unvoided": z.object({ settlement: Settlement }),
  "invoice.written_off": z.object({ settlement: Settlement }),
  "invoice.owner_changed": z.object({ from: Text, to: Text, externalId: Text.nullable() }),
  /** Version 1 named the other customer record as well (`to`, `from`), which its reader may not know. */
  "invoice.moved_out": z.object({ number: Text }),
  "invoice.moved_in": z.object({ invoice: InvoiceView }),
  /** `payment` null: the owner told only a larger or smaller sum. */
  "payment.pending": Paid,
  "payment.received": Paid,
  "payment.failed": Paid,
  "payment.refunded": Paid,
  "payment.reversed": Paid,
  /** Names or dates money that was known: `amount` of `payment` is no news, so nothing was added. */
  "payment.identified": z.object({ payment: Payment, settlement: Settlement }),
  /** The owner's books have what a contributor told; `replaces` is the contributor's own entry. */
  "payment.booked": z.object({
    payment: Payment,
    replaces: z.object({ connection: Text, id: Text }).nullable(),
    settlement: Settlement,
  }),
  /** A refund that was told did not take place. */
  "payment.refund_failed": Paid,
  "dispute.opened": z.object({
    dispute: Dispute,
    author: Text,
    side: z.enum(["customer", "supplier"]),
  }),
  "dispute.updated": Move,
  "dispute.waiting": Move,
  "dispute.resolved": Move,
  "dispute.rejected": Move,
  "dispute.withdrawn": Move,
  "dispute.reopened": Move,
  /** Internal: who works a dispute is no news for its customer. */
  "dispute.assigned": z.object({
    disputeId: Text,
    number: Text,
    /** A user's id and name; null: nobody works it. */
    processor: z.object({ id: Text, name: Text }).nullable(),
    author: Text,
  }),
  "comment.added": Words,
  "note.added": Words,
  "promise.made": PromiseMade,
  /** The customer took it back. */
  "promise.withdrawn": PromiseWithdrawn,
  "promise.kept": z.object({ promiseId: Text, promisedOn: DayTold }),
  "promise.broken": z.object({ promiseId: Text, promisedOn: DayTold }),
  "chargeback.opened": Chargeback,
  "chargeback.updated": Chargeback,
  "chargeback.closed": Chargeback,
  "record.linked": z.object({ customerRecord: Text, customer: Text }),
  "record.unlinked": z.object({ customerRecord: Text, customer: Text }),
  "mail.sent": Mail,
  "mail.failed": Mail,
  "writeback.confirmed": WriteBack,
  "writeback.failed": WriteBack,
  /** The pull found what no delivery had told; `sequences` are the events that say it. */
  "reconciliation.corrected": z.object({
    connection: Text,
    run: Text,
    sequences: z.array(z.int()),
    types: z.array(Text),
  }),
  /** Settings, people and preferences: `action` is past tense, e.g. "user_invited". */
  "audit.recorded": z.object({
    action: Text,
    subject: Text,
    details: z.record(z.string(), z.union([Text, z.int(), z.boolean(), z.null()])),
  }),
};

export type EventType = keyof typeof eventData;

/**
 * Versions that are not 1. Version 2 of events about money may say what was settled otherwise; in version
 * 1 nothing was, so its data is read as it is.
 */
const laterVersions: Partial<Record<EventType, number>> = {
  "invoice.moved_out": 2,
  "invoice.moved_in": 2,
  "invoice.updated": 2,
  "invoice.adjusted": 2,
  "invoice.voided": 2,
  "invoice.unvoided": 2,
  "invoice.written_off": 2,
  "payment.pending": 2,
  "payment.received": 2,
  "payment.failed": 2,
  "payment.refunded": 2,
  "payment.reversed": 2,
};

/** The version in which an event of this type is written today. */
export function versionOf(type: EventType): number {
  return laterVersions[type] ?? 1;
}
export type EventData<T extends EventType> = z.infer<(typeof eventData)[T]>;

export const EventTypes = Object.keys(eventData).filter(
  (type): type is EventType => type in eventData,
);

export const Audience = z.enum(["customer", "supplier"]);
export type Audience = z.infer<typeof Audience>;

/** Who or what made it happen; only opaque ids, because it is hashed in the clear. */
export const Source = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("connection"),
    connection: z.string(),
    delivery: z.int().optional(),
    simulated: z.literal(true).optional(),
  }),
  z.object({ kind: z.literal("user"), user: z.string(), simulated: z.literal(true).optional() }),
  z.object({
    kind: z.literal("scheduler"),
    job: z.string(),
    simulated: z.literal(true).optional(),
  }),
  z.object({ kind: z.literal("portal") }),
  /** A command or an API key. */
  z.object({ kind: z.literal("operator"), name: z.string() }),
]);
export type Source = z.infer<typeof Source>;

/** What derivation hands to `append`: an event before it has a place in the ledger. */
export type Draft = {
  [T in EventType]: {
    type: T;
    data: EventData<T>;
    occurredAt: Occurred;
    /** A customer record's id, or "supplier". */
    chain: string;
    invoice: string | null;
    audience: Audience;
  };
}[EventType];

/** What was appended, with its place and its own time. */
export type LedgerEvent = Draft & {
  sequence: number;
  recordedAt: Instant;
  source: Source;
  hash: string;
};

/** Chain of finance-only events and of `audit()`. */
export const supplierChain = "supplier";
