import { statement } from "#db/compiled.ts";
import type { Db } from "#db/connect.ts";
import type { Context } from "#server/context.ts";
import type { InvoiceRef } from "#domain/change.ts";
import { RequestError } from "#server/errors.ts";
import { forgetHead } from "./append.ts";
import type { Recorded, SystemEntry } from "./entry.ts";
import { recordIn } from "./record.ts";
import { groupChanges } from "./system.ts";

/** An invoice of an entry that cannot be recorded, and why. */
export interface RejectedInvoice {
  ref: InvoiceRef;
  reason: string;
}

export interface RecordedApart extends Recorded {
  rejected: RejectedInvoice[];
}

const savepoint = statement("savepoint invoices");
const undo = statement("rollback to savepoint invoices");
const release = statement("release savepoint invoices");

/**
 * Records an entry; when it cannot be recorded as a whole, each of its invoices by itself, so that one
 * that may not be recorded does not keep its neighbours out. Throws RequestError when none of them may
 * be. Only for a transaction that writes the ledger's head with each append.
 */
export async function recordApart(
  trx: Db,
  context: Context,
  entry: SystemEntry,
): Promise<RecordedApart> {
  const groups = groupChanges(entry.changes);
  if (groups.length < 2) return { ...(await recordIn(trx, context, entry)), rejected: [] };
  await savepoint(trx);
  try {
    return { ...(await recordIn(trx, context, entry)), rejected: [] };
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    await undo(trx);
    forgetHead(trx);
    return await recordEach(trx, context, { entry, groups });
  } finally {
    await release(trx);
  }
}

async function recordEach(
  trx: Db,
  context: Context,
  { entry, groups }: { entry: SystemEntry; groups: ReturnType<typeof groupChanges> },
): Promise<RecordedApart> {
  const all: RecordedApart = { events: [], ask: [], rejected: [] };
  for (const { ref, changes } of groups) {
    await eachSavepoint(trx);
    try {
      const { events, ask } = await recordIn(trx, context, { ...entry, changes });
      all.events.push(...events);
      all.ask.push(...ask);
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      await undoEach(trx);
      forgetHead(trx);
      all.rejected.push({ ref, reason: error.message });
    } finally {
      await releaseEach(trx);
    }
  }
  const [first] = all.rejected;
  if (first && all.rejected.length === groups.length) throw new RequestError(422, first.reason);
  if (all.ask.length === 0) return all;
  // Nothing of an entry is written while one of its invoices must be read first.
  await undo(trx);
  forgetHead(trx);
  return { events: [], ask: all.ask, rejected: [] };
}

const eachSavepoint = statement("savepoint invoice");
const undoEach = statement("rollback to savepoint invoice");
const releaseEach = statement("release savepoint invoice");
