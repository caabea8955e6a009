import { findDelivery } from "#db/queries/delivery-log.ts";
import { countWaiting } from "#db/queries/unmatched.ts";
import type { InvoiceRef } from "#domain/change.ts";
import type { LedgerEvent } from "#domain/event.ts";
import { RequestError, UpstreamError } from "#server/errors.ts";
import type { SystemEntry } from "#server/ledger/entry.ts";
import { recordApart } from "#server/ledger/record-apart.ts";
import type { Portal } from "#server/portal-context.ts";
import type { Parsed, Rejected } from "#server/connectors/contract.ts";
import { rejectedInvoice, tryFetch } from "#server/webhooks/fetch-invoice.ts";
import { entryOf, parseDelivery, type ParsedDelivery } from "#server/webhooks/parse-delivery.ts";
import { sharesOf } from "#server/webhooks/record-for-organisations.ts";

/** What a replay would do. */
export interface Trial {
  /** What would be written, in its order; the sequences are those that are free now. */
  events: LedgerEvent[];
  /** Changes of it that wait for an invoice that nobody has described, or would. */
  waiting: number;
  /** Elements of it that cannot be used. */
  rejected: Rejected[];
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
  return {
    events: trials.flatMap(({ events }) => events),
    waiting: Math.max(0, ...trials.map((trial) => trial.waiting)),
    rejected: [...parsed.rejected, ...trials.flatMap(({ rejected }) => rejected)],
  };
}

async function tryOne(portal: Portal, parsed: ParsedDelivery): Promise<Trial> {
  const { id } = parsed.row;
  const canAsk = parsed.connection.connector.fetch !== undefined;
  const thin = parsed.changes.filter((change) => change.kind === "fetch");
  const said = canAsk ? parsed.changes.filter(({ kind }) => kind !== "fetch") : parsed.changes;
  const told = new Map<string, Required<Parsed>>();
  let open = canAsk ? thin.map(({ invoice }) => invoice) : [];
  for (;;) {
    const fresh = open.filter((ref) => !told.has(nameOf(ref)));
    for (const ref of fresh) told.set(nameOf(ref), await ask(portal, parsed, ref));
    const answers = [...told.values()];
    const changes = [...answers.flatMap((answer) => answer.changes), ...said];
    const asked = !canAsk || (open.length > 0 && fresh.length === 0);
    const { trial, ask: unknown } = await undone(
      portal,
      id,
      entryOf({ ...parsed, changes }, asked),
    );
    const rejected = [...parsed.rejected, ...answers.flatMap((answer) => answer.rejected)];
    if (unknown.length === 0) return { ...trial, rejected: [...rejected, ...trial.rejected] };
    open = unknown;
  }
}

/** Records in a transaction that never commits. */
async function undone(portal: Portal, id: number, entry: SystemEntry): Promise<Undone> {
  try {
    return await portal.writer.transaction().execute(async (trx) => {
      const { events, ask, rejected } = await recordApart(trx, portal, { ...entry, quiet: true });
      const waiting = await countWaiting(trx, id);
      throw new Undone({ events, waiting, rejected: rejected.map(rejectedInvoice) }, ask);
    });
  } catch (error) {
    if (error instanceof Undone) return error;
    throw error;
  }
}

async function ask(
  { db }: Portal,
  { connection }: ParsedDelivery,
  ref: InvoiceRef,
): Promise<Required<Parsed>> {
  try {
    return (await tryFetch(db, connection, ref)).told;
  } catch (cause) {
    if (!(cause instanceof UpstreamError)) throw cause;
    throw new RequestError(409, `The system could not be read: ${cause.message}`, { cause });
  }
}

function nameOf({ externalId, number }: InvoiceRef): string {
  return JSON.stringify([externalId, number]);
}
