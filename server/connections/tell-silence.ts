import { z } from "zod";
import { pausesOf } from "#db/queries/connection-health.ts";
import type { Context } from "#server/context.ts";
import { toInstant, type Instant } from "#domain/time.ts";
import { auditIn } from "#server/ledger/audit.ts";
import { enqueueMail } from "#server/ledger/enqueue.ts";
import type { Portal } from "#server/portal-context.ts";
import { healthOfConnections } from "./connection-health.ts";

const Told = z.object({ since: z.string() });
/** Nights and weekends are no silence: pauses as long as this one have been seen so often before. */
const ordinaryRank = 2;

/**
 * Mails finance once of each connection that fell silent (design, section 3, rule 8), unless it has
 * been as quiet before, as at night. Gives how many it told of.
 */
export async function tellSilence(portal: Context & Pick<Portal, "wakeOutbox">): Promise<number> {
  const { db, clock } = portal;
  const now = toInstant(clock());
  let told = 0;
  for (const connection of await healthOfConnections(portal)) {
    const { id, health, usualMs, last_delivery_at: since } = connection;
    if (health !== "silent" || since === null || usualMs === null) continue;
    const ordinaryMs = (await pausesOf(db, id))[ordinaryRank] ?? 0;
    if (Date.parse(now) - Date.parse(since) <= ordinaryMs) continue;
    if (await tell(portal, { ...connection, since })) told += 1;
  }
  if (told > 0) portal.wakeOutbox();
  return told;
}

/** False when finance was told of this silence before. */
async function tell(
  context: Context,
  { id, name, since }: { id: string; name: string; since: Instant },
): Promise<boolean> {
  const now = toInstant(context.clock());
  const key = `silence:${id}`;
  const events = await context.writer.transaction().execute(async (trx) => {
    const known = await trx
      .selectFrom("settings")
      .select("value")
      .where("key", "=", key)
      .executeTakeFirst();
    if (known && Told.parse(JSON.parse(known.value)).since === since) return [];
    const value = JSON.stringify({ since });
    await trx
      .insertInto("settings")
      .values({ key, value })
      .onConflict((conflict) => conflict.column("key").doUpdateSet({ value }))
      .execute();
    const written = await auditIn(trx, context, {
      source: { kind: "scheduler", job: "silence" },
      action: "connection_silent",
      subject: id,
      details: { name, since },
    });
    for (const event of written) {
      await enqueueMail(trx, { event, template: "finance_connection_silent" }, now);
    }
    return written;
  });
  context.committed.publish(events);
  return events.length > 0;
}
