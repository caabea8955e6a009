import { suppress, unsuppress } from "#db/queries/mail-suppressions.ts";
import { releaseMails } from "#db/queries/mails.ts";
import { insertAttempt, type OutboxChange, settleOutbox } from "#db/queries/outbox.ts";
import type { Db } from "#db/connect.ts";
import type { OutboxRow } from "#db/schema/outbox.ts";
import type { Context } from "#server/context.ts";
import type { LedgerEvent } from "#domain/event.ts";
import { type Instant, toInstant } from "#domain/time.ts";
import { recordIn } from "#server/ledger/record.ts";
import { draftOf } from "./draft.ts";
import { mostAttempts, nextAttemptAt } from "./pause.ts";
import type { Result, RowResult } from "./result.ts";
import { tellFinance } from "./tell-finance.ts";

/** An attempt and its result. */
export interface Tried extends RowResult {
  durationMs: number;
}

interface Settled extends Tried {
  now: Instant;
}

/**
 * Writes what came of an attempt: the attempt, the rows, the events of the ledger and what finance is told,
 * in one transaction; then says what was committed. Nothing of a row that is no longer ours. Of rows that
 * failed together and with one answer finance is told once.
 */
export async function settle(context: Context, tried: Tried[]): Promise<void> {
  const now = toInstant(context.clock());
  const events = await context.writer.transaction().execute(async (trx) => {
    const all: LedgerEvent[] = [];
    for (const each of tried) all.push(...(await settleIn(trx, context, { ...each, now })));
    const isSuppressed = tried.some(({ result }) => result.outcome === "suppressed");
    if (!isSuppressed) await tellFinance(trx, all, now);
    return all;
  });
  context.committed.publish(events);
}

async function settleIn(
  trx: Db,
  context: Context,
  { row, result, durationMs, now }: Settled,
): Promise<LedgerEvent[]> {
  const change = changeOf(row, result, now);
  await insertAttempt(trx, {
    outbox_id: row.id,
    at: now,
    outcome: result.outcome,
    answer: result.answer,
    duration_ms: Math.round(durationMs),
  });
  const isOver = change.done_at !== undefined || change.parked_at !== undefined;
  const payload = isOver && isSpent(row, change) ? { payload: "{}" } : {};
  const values = { ...change, ...payload, last_answer: result.answer, updated_at: now };
  if (!(await settleOutbox(trx, row, values))) return [];
  if (row.kind === "mail") await noteAddress(trx, { row, result, now });
  const draft = isOver ? await draftOf(trx, { row, result, now }) : null;
  if (!draft) return [];
  const entry = { kind: "portal", source: { kind: "portal" }, drafts: [draft] } as const;
  return (await recordIn(trx, context, { ...entry, drafts: [draft] })).events;
}

function changeOf(row: OutboxRow, result: Result, now: Instant): OutboxChange {
  switch (result.outcome) {
    case "accepted":
    case "read_back":
      return { state: result.outcome, done_at: now, receipt: JSON.stringify(result.receipt) };
    case "skipped":
      return { state: "skipped", done_at: now };
    case "suppressed":
    case "unwritten":
      return { state: "queued", parked_at: now };
    case "failed":
    case "unknown": {
      if (result.retryAt === null) return { state: "refused", parked_at: now };
      const state = result.outcome === "unknown" ? "sent" : row.state;
      if (row.attempts >= mostAttempts(row.what)) return { state, parked_at: now };
      const due_at = later(nextAttemptAt(now, row, Math.random()), result.retryAt);
      return { state, due_at };
    }
  }
}

/** A link that lets somebody in is not kept longer than it is needed; an invitation may be tried again. */
function isSpent({ what }: OutboxRow, { done_at }: OutboxChange): boolean {
  return what === "sign_in" || (what === "invitation" && done_at !== undefined);
}

/** An address that says that it takes no mail is left alone until it takes one, e.g. a sign-in link. */
async function noteAddress(trx: Db, { row, result, now }: Omit<Settled, "durationMs">) {
  if (result.outcome === "failed" && result.addressRefused) {
    await suppress(trx, { address: row.target, refused_at: now, answer: result.answer });
  }
  if (result.outcome === "accepted" && (await unsuppress(trx, row.target))) {
    await releaseMails(trx, row.target, now);
  }
}

function later(ours: Instant, theirs: Instant | undefined): Instant {
  return theirs !== undefined && theirs > ours ? theirs : ours;
}
