import { z } from "zod";
import { DisputedLine, DisputeState, ReasonCode } from "#server/domain/dispute.ts";
import { Audience, Source } from "#server/domain/event.ts";
import { invoiceStatuses } from "#server/domain/invoice.ts";
import { CalendarDate, Instant, Occurred } from "#server/domain/time.ts";

/** A list: `next` is the `after` of the following page, null on the last one. */
export function pageSchema<Item extends z.ZodType>(item: Item) {
  return z.object({ data: z.array(item), next: z.string().nullable() });
}

const Amount = z.int().describe("minor units of the currency");
const Customer = z.object({
  id: z.string().nullable().describe("null until finance gave the customer record to a customer"),
  name: z.string(),
});

export const ApiInvoice = z.object({
  id: z.string(),
  number: z.string(),
  externalId: z.string().nullable(),
  connection: z.string().describe("the connection that decides totals and status"),
  customer: Customer,
  status: z.enum(invoiceStatuses),
  dispute: z.enum(["none", ...DisputeState.options]),
  currency: z.string(),
  total: Amount,
  paid: Amount,
  credited: Amount,
  due: Amount,
  issuedOn: CalendarDate.nullable(),
  dueOn: CalendarDate.nullable(),
  updatedAt: Instant,
});
export const ApiInvoices = pageSchema(ApiInvoice);

export const ApiDispute = z.object({
  id: z.string(),
  number: z.string(),
  invoice: z.object({ id: z.string(), number: z.string() }),
  customer: Customer,
  state: DisputeState,
  reason: ReasonCode,
  currency: z.string(),
  amount: Amount,
  whole: z.boolean(),
  lines: z.array(DisputedLine),
  message: z.string(),
  customerReference: z.string().nullable(),
  openedBy: z.string(),
  openedAt: Occurred,
  firstResponseDueAt: Instant,
  respondedAt: Occurred.nullable(),
  closedAt: Occurred.nullable(),
  creditedAmount: Amount.nullable(),
  answer: z.string().nullable(),
  /** Name of who works it; only for the supplier's keys. */
  processor: z.string().nullable().optional(),
  updatedAt: Occurred,
});
export const ApiDisputes = pageSchema(ApiDispute);

export const ApiEvent = z.object({
  sequence: z.int(),
  type: z.string(),
  typeVersion: z.int(),
  chain: z.string(),
  invoiceId: z.string().nullable(),
  audience: Audience,
  occurredAt: Occurred,
  recordedAt: Instant,
  source: Source,
  commitment: z.string(),
  hash: z.string(),
  salt: z.string().nullable(),
  data: z.record(z.string(), z.unknown()).nullable().describe("null once erased"),
});
export const ApiEvents = pageSchema(ApiEvent);

export const ApiDelivery = z.object({
  id: z.int(),
  connection: z.string(),
  state: z.enum(["waiting", "processed", "dead"]),
  origin: z.string(),
  receivedAt: Instant,
  processedAt: Instant.nullable(),
  attempts: z.int(),
  error: z.string().nullable(),
  firstSequence: z.int().nullable(),
  lastSequence: z.int().nullable(),
});
export const ApiDeliveries = pageSchema(ApiDelivery);

export const ApiOutboxRow = z.object({
  id: z.string(),
  kind: z.enum(["mail", "writeback"]),
  what: z.string(),
  target: z.string(),
  sequence: z.int().nullable(),
  invoiceId: z.string().nullable(),
  state: z.string(),
  parked: z.boolean(),
  attempts: z.int(),
  createdAt: Instant,
  dueAt: Instant.nullable().describe("the next try; null when there is none"),
  doneAt: Instant.nullable(),
  lastAnswer: z.string().nullable(),
  receipt: z.record(z.string(), z.unknown()).nullable(),
});
export const ApiOutbox = pageSchema(ApiOutboxRow);

/** What opens a dispute. Without amount and lines the whole invoice is disputed. */
export const NewDispute = z.strictObject({
  reason: ReasonCode,
  amount: z.int().positive().nullable().default(null),
  lines: z.array(DisputedLine).max(500).default([]),
  message: z.string().trim().min(1).max(5000),
  customerReference: z.string().trim().min(1).max(100).optional(),
});

/** What moves a dispute. A customer's key may withdraw it and add words. */
export const DisputePatch = z
  .strictObject({
    state: DisputeState.optional(),
    message: z.string().trim().min(1).max(5000).optional(),
    creditedAmount: z.int().nonnegative().optional(),
    rootCause: z.string().trim().min(1).max(200).optional(),
  })
  .refine((patch) => patch.state !== undefined || patch.message !== undefined, {
    error: "name a state, a message or both",
  });
