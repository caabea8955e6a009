import type { Db } from "#db/connect.ts";
import { lastSequence, updateConnection } from "#db/queries/connections.ts";
import { reconcileSoon } from "#db/queries/reconcile.ts";
import type { Context } from "#server/context.ts";
import { toInstant } from "#domain/time.ts";
import type { ParsedDelivery } from "./parse-delivery.ts";

/**
 * Keeps the highest number that a vendor's app gave what it sent. When numbers are missing before this
 * delivery, something was lost or comes late, and when they begin anew, the vendor had stopped sending:
 * then all organisations of the app are read soon.
 */
export async function noteSequence(
  trx: Db,
  { clock, log }: Pick<Context, "clock" | "log">,
  { row, connection: { id, connector } }: ParsedDelivery,
): Promise<void> {
  const { buffer, byteOffset, byteLength } = row.body;
  const body = Buffer.from(buffer, byteOffset, byteLength);
  const numbers = row.origin === "receive" ? connector.app?.sequence?.(body) : null;
  if (!numbers) return;
  const { first, last } = numbers;
  const known = await lastSequence(trx, id);
  const isAnew = known !== null && first <= 1 && last < known;
  const isGap = known !== null && first > known + 1;
  if (known === null || last > known || isAnew) {
    await updateConnection(trx, id, { last_sequence: last });
  }
  if (!isAnew && !isGap) return;
  log.warn({ app: id, known, first, last }, "deliveries are missing: the organisations are read");
  await reconcileSoon(trx, id, toInstant(clock()));
}
