import { z } from "zod";
import { invoiceStatuses } from "#domain/invoice-sums.ts";
import { DisputeState } from "#domain/dispute.ts";

/** The row that a list shows of an invoice. */
export const LiveRow = z.object({
  id: z.string(),
  number: z.string(),
  status: z.enum(invoiceStatuses),
  dispute: z.union([DisputeState, z.literal("none")]),
  currency: z.string(),
  total: z.int(),
  due: z.int(),
  paid: z.int(),
  credited: z.int(),
  dueOn: z.string().nullable(),
  updatedAt: z.string(),
});
export type LiveRow = z.infer<typeof LiveRow>;

/** What a list shows of a dispute. */
export const LiveDispute = z.object({
  id: z.string(),
  state: DisputeState,
  updatedAt: z.string(),
});
export type LiveDispute = z.infer<typeof LiveDispute>;

/** What a page is told of one event: enough to show the change without asking again. */
export const LiveMessage = z.object({
  sequence: z.int(),
  type: z.string(),
  at: z.string(),
  invoice: LiveRow,
  /** All of the invoice's, when the event is about one of them; else none. */
  disputes: z.array(LiveDispute),
});
export type LiveMessage = z.infer<typeof LiveMessage>;

/** The answer to a page that was away: what it missed, or that it should load again. */
export const CaughtUp = z.discriminatedUnion("reload", [
  z.object({ reload: z.literal(true), head: z.int() }),
  z.object({ reload: z.literal(false), head: z.int(), messages: z.array(LiveMessage) }),
]);
export type CaughtUp = z.infer<typeof CaughtUp>;

/** The answer as it is sent: with the portal's clock, as a reader's may be wrong. */
export type CaughtUpNow = CaughtUp & { now: string };

/** How a page asks for what it missed. */
export const CatchUp = z.object({ after: z.int().nonnegative() });
