import { createHash } from "node:crypto";
import type { Db } from "#db/connect.ts";
import type { DisputeRow } from "#db/schema/disputes.ts";
import type { Change } from "#domain/change.ts";
import { isOpen, mayMove } from "#domain/dispute.ts";
import { wholeAmount } from "#domain/disputed-amount.ts";
import { type Draft, type DisputeMove, supplierChain } from "#domain/event.ts";
import type { InvoiceView } from "#domain/invoice.ts";
import { dayMs, type Instant, roughMs } from "#domain/time.ts";
import { creditedBefore } from "./credited-before.ts";
import { freeNumber } from "./dispute-number.ts";
import { firstResponseDueAt, moveType } from "./dispute-rules.ts";

/** What else a system says about an invoice: disputes, comments, promises, chargebacks. */
export type Said = Extract<Change, { kind: "dispute" | "comment" | "promise" | "chargeback" }>;

interface About {
  invoice: string;
  view: InvoiceView;
  connection: string;
  now: Instant;
  disputes: DisputeRow[];
}

/** Events of one such change; none when it says what is known already. */
export async function eventsSaid(trx: Db, change: Said, about: About): Promise<Draft[]> {
  if (change.kind === "dispute") return disputeSaid(trx, change, about);
  if (change.kind === "comment") return commentSaid(trx, change, about);
  if (change.kind === "promise") return promiseSaid(trx, change, about);
  return [chargebackSaid(change, about)];
}

/** `chain` is the record that an earlier dispute was opened under; else whose the invoice is now. */
function at(about: About, occurredAt: string, chain = about.view.customerRecord) {
  return { invoice: about.invoice, audience: "customer" as const, chain, occurredAt };
}

/** The same id for the same thing, so that telling it twice changes nothing. */
function idOf(prefix: string, connection: string, said: string): string {
  const digest = createHash("sha256").update(`${connection}\n${said}`).digest("hex");
  return `${prefix}_${digest.slice(0, 24)}`;
}

async function disputeSaid(
  trx: Db,
  change: Extract<Said, { kind: "dispute" }>,
  about: About,
): Promise<Draft[]> {
  const known = matchDispute(change, about.disputes);
  if (!known) return openedByAccounting(trx, change, about);
  if (change.externalId === undefined && change.state === "open" && isSameOpening(change, known)) {
    return [];
  }
  const isSame = known.state === change.state;
  const tellsMore =
    (change.message !== undefined && change.message !== known.answer) ||
    (change.externalId !== undefined &&
      change.externalId !== known.id &&
      change.externalId !== known.number &&
      change.externalId !== known.external_id);
  if (isSame && !tellsMore) return [];
  if (change.occurredAt < known.updated_at && change.occurredAt.length > 10) return [];
  if (!isSame && (!isOpen(known.state) || !mayMove(known.state, change.state))) {
    return [conflict(change, known, about)];
  }
  const move: DisputeMove = {
    disputeId: known.id,
    number: known.number,
    from: known.state,
    state: change.state,
    author: about.connection,
    ...(change.message !== undefined && { message: change.message }),
    ...(change.amount && { amount: change.amount.amount }),
    ...(change.externalId !== undefined &&
      change.externalId !== known.id &&
      change.externalId !== known.number && { externalId: change.externalId }),
    ...(change.state === "resolved" && {
      creditedAmount: change.creditedAmount?.amount ?? change.amount?.amount ?? 0,
      creditedBefore: await creditedBefore(trx, known),
    }),
  };
  const place = at(about, change.occurredAt, known.customer_record_id);
  return [{ type: moveType(known.state, change.state), data: move, ...place }];
}

/**
 * By external id, by our own id or number, by our marker in the words; a dispute without any of them is
 * the one with the same content, else what moves it concerns the only open one.
 */
function matchDispute(
  change: Extract<Said, { kind: "dispute" }>,
  disputes: DisputeRow[],
): DisputeRow | undefined {
  const { externalId, message = "" } = change;
  const named =
    disputes.find(
      ({ id, number, external_id }) =>
        externalId !== undefined && [id, number, external_id].includes(externalId),
    ) ?? disputes.find(({ number }) => message.includes(`[${number}#`));
  if (named || externalId !== undefined) return named;
  const open = disputes.filter(({ state }) => isOpen(state));
  if (change.state !== "open") return open.length === 1 ? open[0] : undefined;
  return disputes.find((known) => isSameOpening(change, known));
}

/** Whether a system that gives no ids tells of an opening again. */
function isSameOpening(change: Extract<Said, { kind: "dispute" }>, known: DisputeRow): boolean {
  const { reason = "other", amount, message = "", occurredAt } = change;
  const isSameAmount = amount ? amount.amount === known.amount : known.whole_at !== null;
  return (
    known.opened_side === "supplier" &&
    known.external_id === null &&
    known.reason === reason &&
    known.message === message &&
    isSameAmount &&
    isRepeat(known.opened_at, occurredAt)
  );
}

/** Words without an id that come again within this time are the same ones. */
const repeatedWithinMs = dayMs;

function isRepeat(a: string, b: string): boolean {
  return Math.abs(roughMs(a) - roughMs(b)) <= repeatedWithinMs;
}

async function openedByAccounting(
  trx: Db,
  change: Extract<Said, { kind: "dispute" }>,
  about: About,
): Promise<Draft[]> {
  if (!isOpen(change.state)) return [];
  const id = idOf(
    "dsp",
    about.connection,
    change.externalId ?? `${about.invoice}:${change.occurredAt}`,
  );
  const whole = change.amount === undefined;
  const dispute = {
    id,
    number: await freeNumber(trx, about.view.number, about.disputes.length),
    reason: change.reason ?? ("other" as const),
    state: change.state,
    amount: change.amount?.amount ?? wholeAmount(about.view),
    whole,
    lines: [],
    message: change.message ?? "",
    ...(change.externalId !== undefined && { externalId: change.externalId }),
    firstResponseDueAt: firstResponseDueAt(about.now),
  };
  const data = { dispute, author: about.connection, side: "supplier" as const };
  return [{ type: "dispute.opened", data, ...at(about, change.occurredAt) }];
}

/** The portal's closed dispute stands; finance is told that the system says otherwise. */
function conflict(
  change: Extract<Said, { kind: "dispute" }>,
  known: DisputeRow,
  about: About,
): Draft {
  return {
    type: "audit.recorded",
    chain: supplierChain,
    invoice: about.invoice,
    audience: "supplier",
    occurredAt: change.occurredAt,
    data: {
      action: "dispute_conflict",
      subject: known.id,
      details: { connection: about.connection, portal: known.state, system: change.state },
    },
  };
}

async function commentSaid(
  trx: Db,
  change: Extract<Said, { kind: "comment" }>,
  about: About,
): Promise<Draft[]> {
  const said = change.externalId ?? `${about.invoice}\n${change.occurredAt}\n${change.text}`;
  const commentId = idOf("cmt", about.connection, said);
  if (change.externalId === undefined && (await wasSaid(trx, change, about))) return [];
  // Our own comment that comes back carries the id that we gave it.
  const ids = [commentId, change.externalId ?? commentId];
  const known = await trx
    .selectFrom("comments")
    .select("id")
    .where("id", "in", ids)
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
  const promiseId = idOf(
    "prm",
    about.connection,
    change.externalId ?? `${about.invoice}:${change.promisedOn}`,
  );
  const ids = [promiseId, change.externalId ?? promiseId];
  const known = await trx
    .selectFrom("promises")
    .select("id")
    .where("id", "in", ids)
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

function chargebackSaid(change: Extract<Said, { kind: "chargeback" }>, about: About): Draft {
  return {
    type: `chargeback.${change.stage}`,
    chain: supplierChain,
    invoice: about.invoice,
    audience: "supplier",
    occurredAt: change.occurredAt,
    data: {
      chargebackId: change.chargebackId,
      connection: about.connection,
      amount: change.amount.amount,
      ...(change.reason !== undefined && { reason: change.reason }),
      ...(change.outcome !== undefined && { outcome: change.outcome }),
    },
  };
}
