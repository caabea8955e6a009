import type { Change, InvoiceRef, Version } from "#server/domain/change.ts";
import { UpstreamError } from "#server/errors.ts";
import { failDelivery } from "./fail-delivery.ts";
import { entryOf, type Parsed } from "./parse-delivery.ts";
import type { ProcessPortal } from "./process.ts";
import type { CountOutcome } from "./process-messages.ts";
import { recordForOrganisations } from "./record-for-organisations.ts";
import { recordDelivery, type Unanswered } from "./record-batch.ts";

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
    const told = new Map<string, Change[]>();
    for (let open = ask; open.length > 0;) {
      const fresh = open.filter((ref) => !told.has(nameOf(ref)));
      for (const ref of fresh) told.set(nameOf(ref), await fetchInvoice(parsed, ref));
      const changes = [...told.values()].flat().concat(said);
      const entry = entryOf({ ...parsed, changes }, fresh.length === 0);
      const recorded = await portal.writer
        .transaction()
        .execute((trx) => recordDelivery(trx, portal, parsed, entry));
      portal.committed.publish(recorded.events);
      open = recorded.ask;
    }
    count("recorded");
  } catch (error) {
    await failDelivery(portal, count, parsed.row, error);
  }
}

function nameOf({ externalId, number }: InvoiceRef): string {
  return JSON.stringify([externalId, number]);
}

/** After so many early answers the notice was about something that was undone again. */
const earlyAnswers = 2;

/** Throws UpstreamError when the answer is older than the notice says: some systems tell too early. */
async function fetchInvoice(parsed: Parsed, ref: InvoiceRef): Promise<Change[]> {
  const { connection, row, changes } = parsed;
  const found = (await connection.connector.fetch?.(ref)) ?? [];
  const [version] = changes.flatMap((change) =>
    change.kind === "fetch" && change.invoice === ref ? (change.version ?? []) : [],
  );
  if (version === undefined || found.length === 0 || row.attempts >= earlyAnswers) return found;
  if (found.some((change) => isFrom(change, version))) return found;
  throw new UpstreamError(`${connection.connector.name} does not show yet what it told of`);
}

/** Whether it was told at that version or later; versions of other kinds cannot be compared. */
function isFrom(change: Change, version: Version): boolean {
  const told = change.kind === "invoice" ? change.invoice.version : change.version;
  return told === undefined || typeof told !== typeof version || told >= version;
}
