import { countRun } from "#db/queries/reconcile.ts";
import type { Db } from "#db/connect.ts";
import type { ReconcileCursorRow, ReconcileRunRow } from "#db/schema/connections.ts";
import type { Connection } from "#server/connections/connections.ts";
import type { Context } from "#server/context.ts";
import type { Change, InvoiceRef } from "#domain/change.ts";
import { type Draft, type LedgerEvent, supplierChain } from "#domain/event.ts";
import { plusMs, toInstant } from "#domain/time.ts";
import { isDatabaseFault } from "#db/fault.ts";
import { RequestError, UpstreamError } from "#server/errors.ts";
import { recordIn } from "#server/ledger/record.ts";
import { recordTold } from "#server/ledger/record-told.ts";
import { groupChanges } from "#server/ledger/system.ts";
import type { ChangedPage, Rejected } from "#server/connectors/contract.ts";
import { fetchInvoice, rejectedInvoice } from "#server/webhooks/fetch-invoice.ts";
import { keepRejections } from "#server/webhooks/keep-rejections.ts";

/** What is younger may still be on its way as a delivery: that it differs says nothing yet. */
const onItsWayMs = 15 * 60_000;

interface Read {
  cursor: ReconcileCursorRow;
  run: ReconcileRunRow;
  /** Whether it sends deliveries at all: one that is only read misses nothing. */
  hears: boolean;
  page: ChangedPage;
}

/**
 * Records a page, each invoice in a transaction of its own together with the note that it differed.
 * An invoice that cannot be read or recorded is passed over: the connection's page and the log say why.
 */
export async function readPage(
  context: Context,
  connection: Connection,
  { page, ...read }: Read,
): Promise<void> {
  const invoices = byInvoice(page.changes);
  const rejected: Rejected[] = [...(page.rejected ?? [])];
  for (const changes of invoices) {
    try {
      rejected.push(...(await recordOne(context, connection, { ...read, changes })));
    } catch (error) {
      // A system that fails and a database that fails stop the run, which goes on from this page.
      if (error instanceof UpstreamError || isDatabaseFault(error)) throw error;
      rejected.push(rejectedInvoice({ ref: changes[0]?.invoice ?? {}, reason: wordsFor(error) }));
      if (error instanceof RequestError) continue;
      const about = { err: error, connection: connection.id, run: read.run.id };
      context.log.error(about, "an invoice could not be recorded by the reconciliation");
    }
  }
  const run = read.run.id;
  for (const { at, reason } of rejected) {
    const about = { connection: connection.id, run, element: at, reason };
    context.log.warn(about, "an element was passed over by the reconciliation");
  }
  await context.writer.transaction().execute(async (trx) => {
    const at = toInstant(context.clock());
    await keepRejections(trx, { connection: connection.id, run, at, rejected });
    await countRun(trx, run, { read: invoices.length, rejected: rejected.length });
  });
}

/** Words of our own faults are for the log. */
function wordsFor(error: unknown): string {
  return error instanceof RequestError
    ? error.message
    : "It could not be recorded; the log says why";
}

/**
 * The first run is an import: nobody is mailed, and nothing was missed. Gives what could not be used
 * of what the system answered.
 */
async function recordOne(
  context: Context,
  connection: Connection,
  { cursor, run, hears, changes }: Omit<Read, "page"> & { changes: Change[] },
): Promise<Rejected[]> {
  const now = toInstant(context.clock());
  const rejected: Rejected[] = [];
  const fetch = async (ref: InvoiceRef): Promise<Change[]> => {
    const found = await fetchInvoice(context, connection, ref, now);
    rejected.push(...found.rejected);
    return found.changes;
  };
  const isImport = cursor.passes === 0;
  const entry = {
    kind: "system" as const,
    connection: {
      id: connection.id,
      kind: connection.kind,
      versionsFrom: connection.versionsFrom,
    },
    ...{ changes, receivedAt: now, quiet: isImport },
    source: { kind: "connection" as const, connection: connection.id },
  };
  const isMissed = hears && !isImport && !isOnItsWay(changes, now);
  const told = await recordTold(context, entry, {
    fetch: connection.connector.fetch && fetch,
    async alongside(trx, events) {
      if (events.length === 0) return [];
      await countRun(trx, run.id, { differed: isImport || isMissed ? 1 : 0 });
      return isMissed ? corrected(trx, context, { run, events }) : [];
    },
  });
  return [...rejected, ...told.rejected.map(rejectedInvoice)];
}

async function corrected(
  trx: Db,
  context: Context,
  { run, events }: { run: ReconcileRunRow; events: LedgerEvent[] },
): Promise<LedgerEvent[]> {
  const drafts: Draft[] = [];
  for (const invoice of new Set(events.map((event) => event.invoice))) {
    if (invoice === null) continue;
    const own = events.filter((event) => event.invoice === invoice);
    drafts.push({
      type: "reconciliation.corrected",
      data: {
        ...{ connection: run.connection_id, run: run.id },
        sequences: own.map(({ sequence }) => sequence),
        types: own.map(({ type }) => type),
      },
      ...{ chain: supplierChain, audience: "supplier", invoice },
      occurredAt: toInstant(context.clock()),
    });
  }
  const source = { kind: "scheduler", job: "reconcile" } as const;
  return (await recordIn(trx, context, { kind: "portal", source, drafts })).events;
}

/** The changes of each invoice together, in the order of first mention; thin ones are asked for. */
function byInvoice(changes: Change[]): Change[][] {
  const thin = changes.filter(({ kind }) => kind === "fetch");
  const told = groupChanges(changes).map((group): Change[] => group.changes);
  return [...told, ...thin.map((change) => [change])];
}

/** Whether the system says that it changed only just now. */
function isOnItsWay(changes: Change[], now: string): boolean {
  const since = plusMs(now, -onItsWayMs);
  return changes.some((change) => {
    if (change.kind === "fetch") return false;
    const { toldAt, version } = change.kind === "invoice" ? change.invoice : change;
    const at = toldAt ?? (typeof version === "string" ? version : undefined);
    return at !== undefined && at > since;
  });
}
