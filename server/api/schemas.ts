import { z } from "zod";
import { DeliveryState } from "#db/queries/delivery-log.ts";
import * as dispute from "#domain/dispute.ts";
import { Audience, Source } from "#domain/event.ts";
import { invoiceStatuses } from "#domain/invoice-sums.ts";
import * as time from "#domain/time.ts";

/** A list: `next` is the `after` of the following page, null on the last one. */
export function pageSchema<Item extends z.ZodType>(item: Item) {
  const next = text("421~inv_01kafp9gq2x7v").nullable();
  return z.object({
    data: z.array(item),
    next: next.describe("the `after` of the following page, null on the last one"),
  });
}

const text = (example: string) => z.string().meta({ examples: [example] });
const Amount = z.int().meta({ description: "minor units of the currency", examples: [125_050] });
const Instant = time.Instant.meta({ format: "date-time", examples: ["2026-11-20T08:15:30.250Z"] });
const CalendarDate = time.CalendarDate.meta({ examples: ["2026-12-20"] });
const Occurred = z.string().meta({
  description: "an instant, or a day where the source told no more; written as it was told",
  examples: ["2026-11-20T08:15:29.000Z"],
});
const Sequence = z.int().meta({ description: "place in the ledger", examples: [421] });
const InvoiceId = text("inv_01kafp9gq2x7vd4m8c3h");
const DisputeState = dispute.DisputeState.meta({ examples: ["open"] });
const ReasonCode = dispute.ReasonCode.meta({ examples: ["price_incorrect"] });

const Customer = z.object({
  id: text("cus_01kaf3mz81dj5y0tq6nw")
    .nullable()
    .describe("null until finance gave the customer record to a customer"),
  name: text("Meridian Façades"),
});

export const ApiInvoice = z.object({
  id: InvoiceId,
  number: text("INV-2026-0042"),
  externalId: text("ext-8842").nullable().describe("the connection's own id of it"),
  connection: text("erp").describe("the connection that decides totals and status"),
  customer: Customer,
  status: z.enum(invoiceStatuses).meta({ examples: ["open"] }),
  dispute: z
    .enum(["none", ...dispute.DisputeState.options])
    .describe("the state of the most pressing dispute"),
  currency: text("EUR").describe("ISO 4217"),
  total: Amount,
  paid: Amount.meta({ examples: [0] }),
  credited: Amount.meta({ examples: [0] }),
  otherwise: Amount.meta({ examples: [0] }).describe(
    "what left the balance without a payment, a credit or a reason",
  ),
  due: Amount.describe("total − paid − credited − otherwise; 0 once void or written off"),
  issuedOn: CalendarDate.meta({ examples: ["2026-11-20"] }).nullable(),
  dueOn: CalendarDate.nullable(),
  updatedAt: Instant.describe("when its last event was recorded"),
});
export const ApiInvoices = pageSchema(ApiInvoice);

const DisputedLine = z.object({
  lineId: text("10"),
  correctValue: dispute.DisputedLine.shape.correctValue.meta({ examples: ["2.70"] }),
  amount: dispute.DisputedLine.shape.amount.meta({
    description: "minor units of the currency",
    examples: [5_000],
  }),
});

export const ApiDispute = z.object({
  id: text("dsp_01kafpc3n5w8z2r7k4te"),
  number: text("D-INV-2026-0042-01"),
  invoice: z.object({ id: InvoiceId, number: text("INV-2026-0042") }),
  customer: Customer,
  state: DisputeState,
  reason: ReasonCode,
  currency: text("EUR"),
  amount: Amount.meta({ examples: [5_000] }),
  whole: z.boolean().meta({ examples: [false], description: "the whole invoice is disputed" }),
  lines: z.array(DisputedLine),
  message: text("The old price list was used"),
  customerReference: text("REQ-7781").nullable(),
  openedBy: text("Ines de Wolf"),
  openedAt: Occurred,
  firstResponseDueAt: Instant.meta({ examples: ["2026-11-25T08:15:30.250Z"] }),
  respondedAt: Occurred.meta({ examples: [null] }).nullable(),
  closedAt: Occurred.nullable().meta({ examples: [null] }),
  creditedAmount: Amount.nullable().meta({ examples: [null] }),
  answer: text("We looked at it")
    .nullable()
    .meta({ examples: [null] }),
  processor: text("Ann Visser")
    .nullable()
    .optional()
    .describe("who works it; only for the supplier's keys"),
  updatedAt: Occurred,
});
export const ApiDisputes = pageSchema(ApiDispute);

export const ApiEvent = z.object({
  sequence: Sequence,
  type: text("promise.made"),
  typeVersion: z.int().meta({ examples: [1] }),
  chain: text("crc_01kaf3mz7w4b9h2q8v6x").describe("a customer record, or `supplier`"),
  invoiceId: InvoiceId.nullable(),
  audience: Audience,
  occurredAt: Occurred,
  recordedAt: Instant,
  source: Source,
  commitment: text("5b0c…").describe("SHA-256 of salt and canonical data, hex"),
  hash: text("91af…").describe("SHA-256 of the hash before it and the canonical header, hex"),
  salt: text("c0ffee…").nullable(),
  data: z
    .record(z.string(), z.unknown())
    .nullable()
    .meta({
      description: "by type; null once erased",
      examples: [
        {
          promiseId: "prm_01kafpd0r4",
          promisedOn: "2026-12-12",
          amount: 125_050,
          author: "Ines de Wolf",
        },
      ],
    }),
});
export const ApiEvents = pageSchema(ApiEvent);

export const ApiDelivery = z.object({
  id: z.int().meta({ examples: [1_207] }),
  connection: text("erp"),
  state: DeliveryState.meta({ examples: ["processed"] }),
  origin: text("receive").describe("`receive`, `replay` or `simulation`"),
  receivedAt: Instant,
  processedAt: Instant.nullable(),
  attempts: z.int().meta({ examples: [1] }),
  error: text("The invoice has no number")
    .nullable()
    .meta({ examples: [null] }),
  firstSequence: Sequence.nullable().describe("the first event that it caused"),
  lastSequence: Sequence.nullable(),
});
export const ApiDeliveries = pageSchema(ApiDelivery);

export const OutboxKind = z.enum(["mail", "writeback"]);
export const OutboxState = z.enum([
  "queued",
  "sent",
  "accepted",
  "read_back",
  "refused",
  "skipped",
]);
export const ApiOutboxRow = z.object({
  id: text("obx_01kafpc3q8y6d1s5m0wb"),
  kind: OutboxKind.meta({ examples: ["writeback"] }),
  what: text("dispute.opened").describe("the event that is told, or the template of the mail"),
  target: text("erp").describe("a connection, or a mail address"),
  sequence: Sequence.nullable(),
  invoiceId: InvoiceId.nullable(),
  state: OutboxState.meta({ examples: ["read_back"] }),
  parked: z.boolean().meta({ description: "it waits for a person", examples: [false] }),
  attempts: z.int().meta({ examples: [1] }),
  createdAt: Instant,
  dueAt: Instant.nullable().meta({
    description: "the next try; null when there is none",
    examples: [null],
  }),
  doneAt: Instant.nullable(),
  lastAnswer: text("201 Created").nullable(),
  receipt: z
    .record(z.string(), z.unknown())
    .nullable()
    .meta({ examples: [{ reference: "NOTE-123" }] }),
});
export const ApiOutbox = pageSchema(ApiOutboxRow);

/** What opens a dispute. Without amount and lines the whole invoice is disputed. */
export const NewDispute = z.strictObject({
  reason: ReasonCode,
  amount: z
    .int()
    .positive()
    .nullable()
    .default(null)
    .meta({ description: "minor units; null: as the lines say, or all that is due" }),
  lines: z.array(DisputedLine).max(500).default([]),
  message: z
    .string()
    .trim()
    .min(1)
    .max(5000)
    .meta({ examples: ["The old price list was used"] }),
  customerReference: z.string().trim().min(1).max(100).optional(),
});

/** What moves a dispute. A customer's key may withdraw or reopen it and add words. */
export const DisputePatch = z
  .strictObject({
    state: dispute.DisputeState.optional().meta({ examples: ["resolved"] }),
    message: z
      .string()
      .trim()
      .min(1)
      .max(5000)
      .optional()
      .meta({ examples: ["You are right: credited with the next invoice"] }),
    creditedAmount: z
      .int()
      .nonnegative()
      .optional()
      .meta({ description: "minor units, needed with resolved", examples: [5_000] }),
    rootCause: z
      .string()
      .trim()
      .min(1)
      .max(200)
      .optional()
      .describe("for finance alone, with resolved"),
  })
  .refine((patch) => patch.state !== undefined || patch.message !== undefined, {
    error: "name a state, a message or both",
  });
