import { z } from "zod";
import { DisputeState, ReasonCode } from "./dispute.ts";
import { EventTypes } from "./event.ts";
import { Money } from "./money.ts";
import { CalendarDate, Instant } from "./time.ts";

const Promised = z.object({ id: z.string(), promisedOn: CalendarDate, amount: Money });

/** What is to be told to a system. `event` is the ledger's type; the words are already for the reader there. */
export const WriteBackRequest = z.object({
  event: z.enum(EventTypes),
  /** Stable over retries, 26 characters: the idempotency key. */
  key: z.string().length(26),
  /** `[D-<number>#<sequence>]`: found again by `findWriteBack` when an answer was lost. */
  marker: z.string(),
  occurredAt: Instant,
  /** Where people can read on, absolute. */
  url: z.string(),
  invoice: z.object({
    number: z.string(),
    externalId: z.string().nullable(),
    currency: z.string(),
    version: z.union([z.string(), z.number()]).exactOptional(),
  }),
  actor: z.object({ name: z.string(), email: z.string().exactOptional() }),
  dispute: z
    .object({
      id: z.string(),
      number: z.string(),
      state: DisputeState,
      reason: ReasonCode,
      amount: Money,
      creditedAmount: Money.exactOptional(),
      message: z.string(),
      externalId: z.string().exactOptional(),
      openedAt: Instant,
    })
    .exactOptional(),
  comment: z
    .object({ id: z.string(), text: z.string(), disputeId: z.string().exactOptional() })
    .exactOptional(),
  promise: Promised.exactOptional(),
  /** The promise that `promise.withdrawn` took back. */
  withdrawnPromise: Promised.exactOptional(),
});
export type WriteBackRequest = z.infer<typeof WriteBackRequest>;
