import { Change, type InvoiceRef } from "#domain/change.ts";
import type { Db } from "#db/connect.ts";
import { compiled } from "#db/compiled.ts";
import { dayMs, type Instant, plusMs } from "#domain/time.ts";
import { isTaken, namesOf } from "./resolve.ts";
import type { Group } from "./system.ts";

/** How long a change waits for its invoice (design, section 3, rule 3). */
const waitMs = 14 * dayMs;

const waiting = compiled<
  { connection: string; name: string },
  { id: number; change: string; delivery_id: number | null }
>((db, value) =>
  db
    .selectFrom("unmatched")
    .select(["id", "change", "delivery_id"])
    .where("connection_id", "=", value("connection"))
    .where("name", "=", value("name"))
    .where("matched_at", "is", null)
    .orderBy("id"),
);

type Waiting = Exclude<Change, { kind: "fetch" }>;

/** What waited for an invoice: its rows, and the delivery that each change came with. */
export interface Waited {
  changes: Waiting[];
  rows: number[];
  deliveries: Map<Waiting, number>;
}

interface From {
  connection: { id: string };
  receivedAt: Instant;
  now: Instant;
}

/** Keeps the changes of an invoice that nobody has described yet, under each of its names. */
export async function waitUnmatched(
  trx: Db,
  group: Group,
  { connection, receivedAt, now, delivery }: From & { delivery: number | null },
): Promise<void> {
  const [name] = namesOf(group.ref);
  if (name === undefined) return;
  for (const change of group.changes) {
    if (await waitsAlready(trx, delivery, change)) continue;
    const row = {
      connection_id: connection.id,
      delivery_id: delivery,
      name,
      change: JSON.stringify(change),
      received_at: receivedAt,
      expires_at: plusMs(now, waitMs),
    };
    await trx.insertInto("unmatched").values(row).execute();
  }
}

/** A replay tells what its delivery told before. */
async function waitsAlready(trx: Db, delivery: number | null, change: Waiting): Promise<boolean> {
  if (delivery === null) return false;
  const row = await trx
    .selectFrom("unmatched")
    .select("id")
    .where("delivery_id", "=", delivery)
    .where("change", "=", JSON.stringify(change))
    .executeTakeFirst();
  return row !== undefined;
}

/**
 * What has been waiting for an invoice that is now described. What names it by a number alone that
 * another invoice has, too, goes on waiting: a person says which is meant.
 */
export async function waitingFor(
  trx: Db,
  { ref, invoice }: { ref: InvoiceRef; invoice: string | null },
  { connection, receivedAt }: From,
): Promise<Waited> {
  const waited: Waited = { changes: [], rows: [], deliveries: new Map() };
  for (const name of namesOf(ref)) {
    const rows = await waiting(trx, { connection: connection.id, name });
    const isNumber = rows.length > 0 && name.startsWith("no:");
    if (isNumber && (await isTaken(trx, name, { connection: connection.id, invoice }))) continue;
    for (const row of rows) {
      const told = Change.parse(JSON.parse(row.change));
      waited.rows.push(row.id);
      if (told.kind === "fetch") continue;
      const change = withTime(told, receivedAt);
      waited.changes.push(change);
      if (row.delivery_id !== null) waited.deliveries.set(change, row.delivery_id);
    }
  }
  return waited;
}

export async function markMatched(trx: Db, rows: number[], now: Instant): Promise<void> {
  if (rows.length === 0) return;
  await trx.updateTable("unmatched").set({ matched_at: now }).where("id", "in", rows).execute();
}

/** A change that says nothing of its time counts from now, as if it had come with its invoice. */
function withTime<T extends Waiting>(change: T, receivedAt: Instant): T {
  if (change.kind === "invoice" || change.toldAt || change.version !== undefined) return change;
  return { ...change, toldAt: receivedAt };
}
