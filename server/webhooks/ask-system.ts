import type { Change, InvoiceRef, Version } from "#domain/change.ts";
import { type Instant, toInstant } from "#domain/time.ts";
import { RequestError, UpstreamError } from "#server/errors.ts";
import type { Parsed } from "#server/connectors/contract.ts";
import { failDelivery } from "./fail-delivery.ts";
import { fetchInvoice } from "./fetch-invoice.ts";
import { wordsForRejected } from "./keep-rejections.ts";
import { entryOf, type ParsedDelivery } from "./parse-delivery.ts";
import type { ProcessPortal } from "./process.ts";
import type { CountOutcome } from "./process-messages.ts";
import { recordForOrganisations } from "./record-for-organisations.ts";
import { recordDeliveryApart, type Unanswered } from "./record-batch.ts";

const atOnce = 8;
const mostWaiting = 500;

/**
 * Asks systems about invoices, some at once and outside any transaction, and records what they
 * answer together with what the delivery said. What finds no place here comes due again by itself.
 */
export function createAsking(portal: ProcessPortal, count: CountOutcome) {
  const waiting: Unanswered[] = [];
  const held = new Set<number>();
  const active = new Set<Promise<void>>();
  let stopped = false;

  function fill(): void {
    while (!stopped && active.size < atOnce) {
      const next = waiting.shift();
      if (!next) return;
      const work = askAndRecord(portal, count, next)
        .catch((error: unknown) => portal.log.error({ err: error }, "a delivery waits for a retry"))
        .finally(() => {
          active.delete(work);
          held.delete(next.parsed.row.id);
          fill();
        });
      active.add(work);
    }
  }

  return {
    add(unanswered: Unanswered[]): void {
      for (const each of unanswered) {
        if (held.size >= mostWaiting) break;
        held.add(each.parsed.row.id);
        waiting.push(each);
      }
      fill();
    },
    /** Whether this delivery is being worked on here. */
    holds: (id: number): boolean => held.has(id),
    async idle(): Promise<void> {
      while (active.size > 0) await Promise.race(active);
    },
    async stop(): Promise<void> {
      stopped = true;
      await Promise.all(active);
    },
  };
}

async function askAndRecord(
  portal: ProcessPortal,
  count: CountOutcome,
  { parsed, ask }: Unanswered,
): Promise<void> {
  if (parsed.connection.connector.app) return recordForOrganisations(portal, count, parsed);
  try {
    const said = parsed.changes.filter((change) => change.kind !== "fetch");
    const told = new Map<string, Required<Parsed>>();
    for (let open = ask; open.length > 0;) {
      const fresh = open.filter((ref) => !told.has(nameOf(ref)));
      const now = toInstant(portal.clock());
      for (const ref of fresh) told.set(nameOf(ref), await fetchTold(portal, parsed, ref, now));
      const answers = [...told.values()];
      const changes = [...answers.flatMap((answer) => answer.changes), ...said];
      const rejected = [...parsed.rejected, ...answers.flatMap((answer) => answer.rejected)];
      requireSomething(changes, rejected);
      const entry = entryOf({ ...parsed, changes }, fresh.length === 0);
      const recorded = await portal.writer
        .transaction()
        .execute((trx) => recordDeliveryApart(trx, portal, { ...parsed, rejected }, entry));
      portal.committed.publish(recorded.events);
      open = recorded.ask;
    }
    count("recorded");
  } catch (error) {
    await failDelivery(portal, count, parsed.row, error);
  }
}

/** A delivery of which nothing can be used is dead, with the reasons. */
function requireSomething(changes: Change[], rejected: Required<Parsed>["rejected"]): void {
  if (changes.length === 0 && rejected.length > 0) {
    throw new RequestError(422, wordsForRejected(rejected));
  }
}

function nameOf({ externalId, number }: InvoiceRef): string {
  return JSON.stringify([externalId, number]);
}

/** After so many early answers the notice was about something that was undone again. */
const earlyAnswers = 2;

/** Throws UpstreamError when the answer is older than the notice says: some systems tell too early. */
async function fetchTold(
  portal: ProcessPortal,
  { connection, row, changes }: ParsedDelivery,
  ref: InvoiceRef,
  now: Instant,
): Promise<Required<Parsed>> {
  const found = await fetchInvoice(portal, connection, ref, now);
  const [version] = changes.flatMap((change) =>
    change.kind === "fetch" && change.invoice === ref ? (change.version ?? []) : [],
  );
  const isNothing = found.changes.length === 0;
  if (version === undefined || isNothing || row.attempts >= earlyAnswers) return found;
  if (found.changes.some((change) => isFrom(change, version))) return found;
  throw new UpstreamError(`${connection.connector.name} does not show yet what it told of`);
}

/** Whether it was told at that version or later; versions of other kinds cannot be compared. */
function isFrom(change: Change, version: Version): boolean {
  const told = change.kind === "invoice" ? change.invoice.version : change.version;
  return told === undefined || typeof told !== typeof version || told >= version;
}
