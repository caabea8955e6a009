import { Change } from "#server/domain/change.ts";
import type { Db } from "#db/connect.ts";
import { compiled } from "#db/compiled.ts";
import { dayMs, type Instant, plusMs } from "#server/domain/time.ts";
import { namesOf } from "./resolve.ts";
import type { Group } from "./system.ts";

/** How long a change waits for its invoice (design, section 3, rule 3). */
const waitMs = 14 * dayMs;

const waiting = compiled<{ connection: string; name: string }, { id: number; change: string }>(
  (db, value) =>
    db
      .selectFrom("unmatched")
      .select(["id", "change"])
      .where("connection_id", "=", value("connection"))
      .where("name", "=", value("name"))
      .where("matched_at", "is", null)
      .orderBy("id"),
);

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

/** A group that describes its invoice takes along what has been waiting for it. */
export async function matchWaiting(trx: Db, group: Group, from: From): Promise<Group> {
  if (!group.changes.some((change) => change.kind === "invoice")) return group;
  const changes = [...group.changes];
  for (const name of namesOf(group.ref)) {
    for (const row of await waiting(trx, { connection: from.connection.id, name })) {
      const change = Change.parse(JSON.parse(row.change));
      if (change.kind !== "fetch") changes.push(withTime(change, from.receivedAt));
      const matched = { matched_at: from.now };
      await trx.updateTable("unmatched").set(matched).where("id", "=", row.id).execute();
    }
  }
  return { ...group, changes };
}

/** A change that says nothing of its time counts from now, as if it had come with its invoice. */
function withTime<T extends Group["changes"][number]>(change: T, receivedAt: Instant): T {
  if (change.kind === "invoice" || change.toldAt || change.version !== undefined) return change;
  return { ...change, toldAt: receivedAt };
}
