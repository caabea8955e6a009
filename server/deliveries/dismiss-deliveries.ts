import { z } from "zod";
import { dismissDead } from "#db/queries/deliveries.ts";
import type { Context } from "#server/context.ts";
import type { Source } from "#domain/event.ts";
import { toInstant } from "#domain/time.ts";
import { RequestError } from "#server/errors.ts";
import { audited } from "#server/audit/audited.ts";

const Reason = z.string().trim().min(1, "Write why nothing is to be done").max(300);

export const DismissForm = z.object({ do: z.literal("dismiss"), reason: Reason });
/** `connection` is empty for those of all connections. */
export const DismissAllForm = DismissForm.extend({ connection: z.string().max(60).default("") });

interface Dismissal {
  /** One delivery, or all dead ones of a connection, or all. */
  which: { id: number } | { connection: string };
  reason: string;
}

/**
 * Says of dead deliveries that nothing is to be done: they ask for nobody any more, keep their bytes and
 * can still be replayed. Gives how many. Throws 409 when none of them is dead.
 */
export async function dismissDeliveries(
  context: Context,
  source: Source,
  { which, reason }: Dismissal,
): Promise<number> {
  return audited(context, async (trx) => {
    const ids = await dismissDead(trx, which, toInstant(context.clock()));
    if (ids.length === 0) throw new RequestError(409, "There is no dead delivery to dismiss");
    const [first = 0] = ids;
    const subject = ids.length === 1 ? String(first) : `${ids.length} deliveries`;
    const details = { reason, count: ids.length, first, last: ids.at(-1) ?? first };
    return { result: ids.length, note: { source, action: "delivery_dismissed", subject, details } };
  });
}
