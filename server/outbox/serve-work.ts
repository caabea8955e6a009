import { leaseDue } from "#db/queries/outbox.ts";
import type { OutboxRow } from "#db/schema/outbox.ts";
import type { Context } from "#server/context.ts";
import { plusMs, toInstant } from "#domain/time.ts";
import { UpstreamError } from "#server/errors.ts";
import type { HandedOut, Receipt, ServeWork } from "#server/connectors/contract.ts";
import { mostAttempts } from "./pause.ts";
import { type Result, resultOf } from "./result.ts";
import { settle } from "./settle.ts";
import { receivedBy, requestOf, wasTried, type WriteBackTarget } from "./write-back.ts";

/** How long a system may take from being handed a write-back to answering for it. */
const leaseMs = 5 * 60_000;

/**
 * The due write-backs of a connection whose system asks for work, in their order, leased as by a
 * dispatcher: one that is never answered for is handed out again, and parked after ten times.
 */
export function serveWork(context: Context, target: WriteBackTarget & { id: string }): ServeWork {
  return {
    async take() {
      for (;;) {
        const row = await leaseNext(context, target.id);
        if (!row) return undefined;
        const given = await handOut(context, target, row);
        if (given) return given;
      }
    },
    async settle(key, outcome) {
      const row = await context.db
        .selectFrom("outbox")
        .selectAll()
        .where("once_key", "=", key)
        .where("target", "=", target.id)
        .where("kind", "=", "writeback")
        .where("done_at", "is", null)
        .executeTakeFirst();
      if (!row || row.attempts === 0) return;
      const leasedAt = Date.parse(row.updated_at);
      const durationMs = Math.max(0, context.clock().getTime() - leasedAt);
      await settle(context, [{ row, result: resultFor(outcome), durationMs }]);
    },
  };
}

function resultFor(outcome: Receipt | UpstreamError): Result {
  if (!(outcome instanceof UpstreamError)) return receivedBy(outcome);
  return resultOf(outcome) ?? { outcome: "failed", answer: outcome.message };
}

async function leaseNext(
  { writer, clock }: Context,
  target: string,
): Promise<OutboxRow | undefined> {
  const now = toInstant(clock());
  const lease = { kind: "writeback" as const, target, now, until: plusMs(now, leaseMs), limit: 1 };
  const [row] = await writer.transaction().execute((trx) => leaseDue(trx, lease));
  return row;
}

/** Undefined for what is not handed out: the next one may be. */
async function handOut(
  context: Context,
  { connector, name }: WriteBackTarget,
  row: OutboxRow,
): Promise<HandedOut | undefined> {
  const request = await requestOf(context.db, row);
  const giveUp = (result: Result) => settle(context, [{ row, result, durationMs: 0 }]);
  if (!connector.canWriteBack(request.event)) {
    await giveUp({ outcome: "skipped", answer: `${name} is not told of this` });
  } else if (row.attempts > mostAttempts(row.what)) {
    const answer = `${name} took it ${mostAttempts(row.what)} times and never answered for it`;
    await giveUp({ outcome: "unknown", answer, retryAt: null });
  } else return { request, isRepeat: wasTried(row) };
  return undefined;
}
