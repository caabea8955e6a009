import { findDelivery } from "#db/queries/delivery-log.ts";
import { countWaiting } from "#db/queries/unmatched.ts";
import type { Change, InvoiceRef } from "#server/domain/change.ts";
import type { LedgerEvent } from "#server/domain/event.ts";
import { type Instant, toInstant } from "#server/domain/time.ts";
import { RequestError, UpstreamError } from "#server/errors.ts";
import type { SystemEntry } from "#server/ledger/entry.ts";
import { recordIn } from "#server/ledger/record.ts";
import type { Portal } from "#server/portal-context.ts";
import { fetchInvoice } from "#server/webhooks/fetch-invoice.ts";
import { entryOf, parseDelivery, type ParsedDelivery } from "#server/webhooks/parse-delivery.ts";
import { sharesOf } from "#server/webhooks/record-for-organisations.ts";

/** What a replay would do. */
export interface Trial {
  /** What would be written, in its order; the sequences are those that are free now. */
  events: LedgerEvent[];
  /** Changes that would wait for an invoice that nobody has described. */
  waiting: number;
}

/** Ends a transaction that is only tried: everything in it is undone. */
class Undone extends Error {
  readonly trial: Trial;
  readonly ask: InvoiceRef[];

  constructor(trial: Trial, ask: InvoiceRef[]) {
    super("tried, and undone");
    this.trial = trial;
    this.ask = ask;
  }
}

/**
 * Runs the stored bytes of a delivery through the present code and writes nothing; the system is read
 * where the bytes say too little. Throws RequestError 404 when there is no such delivery, 422 when the
 * bytes say nothing usable, 409 when the system cannot be read.
 */
export async function tryReplay(portal: Portal, id: number): Promise<Trial> {
  const row = await findDelivery(portal.db, id);
  if (!row) throw new RequestError(404, "There is no such delivery");
  const parsed = parseDelivery(portal.connections, row);
  const { connection, changes } = parsed;
  if (!connection.connector.app) return tryOne(portal, parsed);
  const trials: Trial[] = [];
  for (const share of sharesOf(portal.connections, connection, changes).shares) {
    trials.push(await tryOne(portal, { row, rejected: [], ...share }));
  }
  const waiting = trials.reduce((sum, trial) => sum + trial.waiting, 0);
  return { events: trials.flatMap(({ events }) => events), waiting };
}

async function tryOne(portal: Portal, parsed: ParsedDelivery): Promise<Trial> {
  const { id } = parsed.row;
  const canAsk = parsed.connection.connector.fetch !== undefined;
  const thin = parsed.changes.filter((change) => change.kind === "fetch");
  const said = canAsk ? parsed.changes.filter(({ kind }) => kind !== "fetch") : parsed.changes;
  const told = new Map<string, Change[]>();
  let open = canAsk ? thin.map(({ invoice }) => invoice) : [];
  for (;;) {
    const fresh = open.filter((ref) => !told.has(nameOf(ref)));
    for (const ref of fresh)
      told.set(nameOf(ref), await ask(parsed, ref, toInstant(portal.clock())));
    const changes = [...told.values()].flat().concat(said);
    const asked = !canAsk || (open.length > 0 && fresh.length === 0);
    const { trial, ask: unknown } = await undone(
      portal,
      id,
      entryOf({ ...parsed, changes }, asked),
    );
    if (unknown.length === 0) return trial;
    open = unknown;
  }
}

/** Records in a transaction that never commits. */
async function undone(portal: Portal, id: number, entry: SystemEntry): Promise<Undone> {
  try {
    return await portal.writer.transaction().execute(async (trx) => {
      const before = await countWaiting(trx, id);
      const { events, ask } = await recordIn(trx, portal, { ...entry, quiet: true });
      throw new Undone({ events, waiting: (await countWaiting(trx, id)) - before }, ask);
    });
  } catch (error) {
    if (error instanceof Undone) return error;
    throw error;
  }
}

async function ask(
  { connection }: ParsedDelivery,
  ref: InvoiceRef,
  now: Instant,
): Promise<Change[]> {
  try {
    return (await fetchInvoice(connection.connector, ref, now)).changes;
  } catch (cause) {
    if (!(cause instanceof UpstreamError)) throw cause;
    throw new RequestError(409, `The system could not be read: ${cause.message}`, { cause });
  }
}

function nameOf({ externalId, number }: InvoiceRef): string {
  return JSON.stringify([externalId, number]);
}
