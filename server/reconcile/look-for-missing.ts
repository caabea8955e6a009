import { delayMissing, forgetMissing, listMissingDue } from "#db/queries/missing-invoices.ts";
import type { MissingInvoice } from "#db/schema/deliveries.ts";
import type { Connection, Connections } from "#server/connections/connections.ts";
import type { Context } from "#server/context.ts";
import { type Change, InvoiceRef } from "#domain/change.ts";
import { plusMs, toInstant } from "#domain/time.ts";
import { recordTold } from "#server/ledger/record-told.ts";
import { tryFetch } from "#server/webhooks/fetch-invoice.ts";

type Looking = Context & { connections: Pick<Connections, "get"> };

const atOnce = 100;
const retryMs = 10 * 60_000;

/**
 * Asks the second time about invoices that their systems did not have. One that is still missing is void
 * from now on; one that is there again is left as it is. A system that cannot be asked is asked later.
 */
export async function lookForMissing(context: Looking, stopped?: AbortSignal): Promise<void> {
  const due = await listMissingDue(context.db, toInstant(context.clock()), atOnce);
  for (const missing of due) {
    if (stopped?.aborted) return;
    const connection = context.connections.get(missing.connection_id);
    try {
      if (!connection) await forgetMissing(context.writer, missing);
      else if (connection.pausedAt !== null) await delay(context, missing);
      else await lookAgain(context, connection, missing);
    } catch (error) {
      const about = { err: error, connection: missing.connection_id, invoice: missing.name };
      context.log.warn(about, "a missing invoice could not be looked for; it is tried again");
      await delay(context, missing);
    }
  }
}

async function lookAgain(
  context: Looking,
  connection: Connection,
  missing: MissingInvoice,
): Promise<void> {
  const now = toInstant(context.clock());
  const ref = InvoiceRef.parse(JSON.parse(missing.ref));
  const { told, finding } = await tryFetch(context.db, connection, ref);
  const gone: Change = {
    kind: "invoice",
    invoice: { ...ref, version: now, state: "void", isGone: true },
  };
  const changes = finding === "missing" ? [gone] : told.changes;
  const { id, kind, versionsFrom } = connection;
  const entry = {
    kind: "system" as const,
    connection: { id, kind, versionsFrom },
    ...{ changes, receivedAt: now },
    source: { kind: "connection" as const, connection: id },
  };
  if (changes.length > 0) await recordTold(context, entry, {});
  await forgetMissing(context.writer, missing);
}

function delay({ writer, clock }: Looking, missing: MissingInvoice): Promise<void> {
  return delayMissing(writer, missing, plusMs(toInstant(clock()), retryMs));
}
