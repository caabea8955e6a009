import { markProcessed, markStranded } from "#db/queries/deliveries.ts";
import { noteDelivery } from "#db/queries/connections.ts";
import type { Connection, Connections } from "#server/connections/connections.ts";
import type { Change, InvoiceRef } from "#domain/change.ts";
import type { LedgerEvent } from "#domain/event.ts";
import { toInstant } from "#domain/time.ts";
import { recordTold } from "#server/ledger/record-told.ts";
import type { Rejected } from "#server/connectors/contract.ts";
import { failDelivery } from "./fail-delivery.ts";
import { fetchInvoice, rejectedInvoice } from "./fetch-invoice.ts";
import { keepRejections } from "./keep-rejections.ts";
import { entryOf, type ParsedDelivery } from "./parse-delivery.ts";
import type { ProcessPortal } from "./process.ts";
import type { CountOutcome } from "./process-messages.ts";
import { clip } from "#domain/text.ts";

/** What a delivery to an app says of one organisation. */
interface Share {
  connection: Connection;
  changes: Change[];
}

/**
 * Records what came to an app as the connections of its organisations. One that fails does not keep
 * the others; the delivery is then tried again, which changes nothing for those. What is about an
 * organisation that nobody connected stays, dead and with its reason, until finance replays it.
 */
export async function recordForOrganisations(
  portal: ProcessPortal,
  count: CountOutcome,
  parsed: ParsedDelivery,
): Promise<void> {
  const { row, connection: app, changes } = parsed;
  const { shares, stranded } = sharesOf(portal.connections, app, changes);
  const events: LedgerEvent[] = [];
  const failures: unknown[] = [];
  for (const { connection, changes: own } of shares) {
    const entry = entryOf({ row, connection, changes: own }, false);
    const rejected: Rejected[] = [];
    const at = toInstant(portal.clock());
    const fetch = async (ref: InvoiceRef): Promise<Change[]> => {
      const found = await fetchInvoice(portal, connection, ref, at);
      rejected.push(...found.rejected);
      return found.changes;
    };
    try {
      const told = await recordTold(portal, entry, { fetch: connection.connector.fetch && fetch });
      events.push(...told.events);
      rejected.push(...told.rejected.map(rejectedInvoice));
      await keepRejections(portal.writer, {
        connection: connection.id,
        delivery: row.id,
        at,
        rejected,
      });
      await noteDelivery(portal.writer, connection.id, row.received_at);
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) return failDelivery(portal, count, row, failures[0]);
  const at = toInstant(portal.clock());
  const sequences = events.map(({ sequence }) => sequence);
  const [first = null, last = null] = [sequences.at(0), sequences.at(-1)];
  const done = { id: row.id, at, first, last };
  if (stranded.length === 0) await markProcessed(portal.writer, done);
  else await markStranded(portal.writer, { ...done, error: wordsFor(stranded) });
  count(stranded.length === 0 ? "recorded" : "dead");
}

/** The changes by organisation, in the order of first mention, and the accounts that nobody takes. */
export function sharesOf(connections: Connections, app: Connection, changes: Change[]) {
  const byAccount = new Map<string, Change[]>();
  for (const change of changes) {
    const account = change.invoice.account ?? "";
    const known = byAccount.get(account);
    if (known) known.push(change);
    else byAccount.set(account, [change]);
  }
  const shares: Share[] = [];
  const stranded: string[] = [];
  for (const [account, own] of byAccount) {
    const connection = connections.ofAccount(app.id, account);
    if (connection && connection.pausedAt === null) shares.push({ connection, changes: own });
    else if (connection) stranded.push(`${connection.name} is paused: resume it`);
    else stranded.push(`no organisation is connected for ${account || "no account"}: connect it`);
  }
  return { shares, stranded };
}

function wordsFor(stranded: string[]): string {
  const words = stranded.join("; ");
  return clip(
    `${words.charAt(0).toUpperCase()}${words.slice(1)}, then replay this delivery.`,
    1000,
  );
}
