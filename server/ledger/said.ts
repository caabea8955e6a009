import type { Db } from "#db/connect.ts";
import { isSameJson } from "#domain/canonical-json.ts";
import { isOpen } from "#domain/dispute.ts";
import { type Draft, eventData, supplierChain } from "#domain/event.ts";
import { disputeSaid } from "./dispute-said.ts";
import { type About, at, idOf, idsOf, isRepeat, type Said } from "./said-about.ts";

/** Events of one such change; none when it says what is known already. */
export async function eventsSaid(trx: Db, change: Said, about: About): Promise<Draft[]> {
  if (change.kind === "dispute") return disputeSaid(trx, change, about);
  if (change.kind === "comment") return commentSaid(trx, change, about);
  if (change.kind === "promise") return promiseSaid(trx, change, about);
  return chargebackSaid(trx, change, about);
}

async function commentSaid(
  trx: Db,
  change: Extract<Said, { kind: "comment" }>,
  about: About,
): Promise<Draft[]> {
  const commentId = idOf("cmt", about, change.externalId ?? `${change.occurredAt}\n${change.text}`);
  if (change.externalId === undefined && (await wasSaid(trx, change, about))) return [];
  const known = await trx
    .selectFrom("comments")
    .select("id")
    .where("id", "in", [commentId, ...idsOf("cmt", about, change.externalId)])
    .where("invoice_id", "=", about.invoice)
    .executeTakeFirst();
  if (known) return [];
  const dispute = about.disputes.find(
    ({ state, customer_record_id: record }) =>
      isOpen(state) && record === about.view.customerRecord,
  );
  const data = {
    commentId,
    text: change.text,
    author: change.author ?? about.connection,
    side: "supplier" as const,
    ...(dispute && { disputeId: dispute.id }),
    ...(change.externalId !== undefined && { externalId: change.externalId }),
  };
  return [{ type: "comment.added", data, ...at(about, change.occurredAt) }];
}

/** Whether a system that gives no ids said the same a short while ago. */
async function wasSaid(
  trx: Db,
  { text, author, occurredAt }: Extract<Said, { kind: "comment" }>,
  { invoice, connection }: About,
): Promise<boolean> {
  const known = await trx
    .selectFrom("comments")
    .select("occurred_at")
    .where("invoice_id", "=", invoice)
    .where("side", "=", "supplier")
    .where("author", "=", author ?? connection)
    .where("text", "=", text)
    .execute();
  return known.some(({ occurred_at }) => isRepeat(occurred_at, occurredAt));
}

async function promiseSaid(
  trx: Db,
  change: Extract<Said, { kind: "promise" }>,
  about: About,
): Promise<Draft[]> {
  const promiseId = idOf("prm", about, change.externalId ?? change.promisedOn);
  const known = await trx
    .selectFrom("promises")
    .select("id")
    .where("id", "in", [promiseId, ...idsOf("prm", about, change.externalId)])
    .where("invoice_id", "=", about.invoice)
    .executeTakeFirst();
  if (known) return [];
  const data = {
    promiseId,
    promisedOn: change.promisedOn,
    amount: change.amount?.amount ?? about.view.due,
    author: about.connection,
    ...(change.externalId !== undefined && { externalId: change.externalId }),
  };
  return [{ type: "promise.made", data, ...at(about, change.occurredAt) }];
}

type Chargeback = Extract<Said, { kind: "chargeback" }>;

/** Every event about a chargeback leads to reading it, so the same is told several times. */
async function chargebackSaid(trx: Db, change: Chargeback, about: About): Promise<Draft[]> {
  const { chargebackId, stage, amount, reason, outcome, occurredAt } = change;
  const type = `chargeback.${stage}` as const;
  const data = {
    chargebackId,
    connection: about.connection,
    amount: amount.amount,
    ...(reason !== undefined && { reason }),
    ...(outcome !== undefined && { outcome }),
  };
  const told = await trx
    .selectFrom("events")
    .select(["type", "data"])
    .where("invoice_id", "=", about.invoice)
    .where("type", "in", ["chargeback.opened", "chargeback.updated", "chargeback.closed"])
    .orderBy("sequence")
    .execute();
  const known = told
    .map((row) => ({ type: row.type, data: eventData[type].parse(JSON.parse(row.data ?? "{}")) }))
    .findLast((row) => row.data.chargebackId === chargebackId);
  if (known && known.type === type && isSameJson(known.data, data)) return [];
  const place = { chain: supplierChain, invoice: about.invoice, audience: "supplier" as const };
  return [{ type, data, occurredAt, ...place }];
}
