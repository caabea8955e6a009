import type { Db } from "#db/connect.ts";
import type { Context } from "#server/context.ts";
import { type EventData, type LedgerEvent, type Source, supplierChain } from "#domain/event.ts";
import { toInstant } from "#domain/time.ts";
import { append } from "./append.ts";

/** What somebody did to settings, people or preferences: `action` in the past tense, `details` flat. */
export interface Audit extends EventData<"audit.recorded"> {
  source: Source;
}

/** Appends to the supplier's chain inside a transaction of the caller, who publishes after commit. */
export async function auditIn(
  trx: Db,
  context: Context,
  { source, ...data }: Audit,
): Promise<LedgerEvent[]> {
  const now = toInstant(context.clock());
  const draft = {
    type: "audit.recorded",
    data,
    occurredAt: now,
    chain: supplierChain,
    invoice: null,
    audience: "supplier",
  } as const;
  return append(trx, [draft], { source, now });
}

/** The same in a transaction of its own. */
export async function audit(context: Context, entry: Audit): Promise<void> {
  const events = await context.writer.transaction().execute((trx) => auditIn(trx, context, entry));
  context.committed.publish(events);
}
