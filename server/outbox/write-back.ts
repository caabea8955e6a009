import type { Db } from "#db/connect.ts";
import type { OutboxRow } from "#db/schema/outbox.ts";
import { UpstreamError } from "#server/errors.ts";
import type { BoundConnector } from "#server/connectors/bind.ts";
import { WriteBackRequest } from "#domain/write-back.ts";
import type { Receipt } from "#server/connectors/contract.ts";
import { z } from "zod";
import { type Result, short } from "./result.ts";

/** What writing back needs of a connection. */
export interface WriteBackTarget {
  name: string;
  pausedAt: string | null;
  connector: Pick<
    BoundConnector,
    "canWriteBack" | "writeBack" | "findWriteBack" | "fetch" | "serve"
  >;
}

const Reference = z.object({ reference: z.string().nullable() });

/**
 * One attempt to tell a system. After any earlier attempt it looks first, where the system can be
 * asked, so that a lost answer does not become a second note. Throws what the connector throws.
 */
export async function writeBack(db: Db, target: WriteBackTarget, row: OutboxRow): Promise<Result> {
  const { connector, name } = target;
  const request = await requestOf(db, row);
  if (!connector.writeBack || !connector.canWriteBack(request.event)) {
    return { outcome: "skipped", answer: `${name} is not told of this` };
  }
  const found = wasTried(row) ? ((await connector.findWriteBack?.(request)) ?? null) : null;
  return receivedBy(found ?? (await writeOnce(connector, request)));
}

/** What a row asks for, complete as of now. */
export function requestOf(db: Db, row: OutboxRow): Promise<WriteBackRequest> {
  return withDisputeId(db, row, WriteBackRequest.parse(JSON.parse(row.payload)));
}

/** Whether an earlier attempt, of which nobody knows more, may have taken effect. */
export function wasTried(row: OutboxRow): boolean {
  return row.attempts > 1 || row.last_answer !== null;
}

/** The result of a receipt. */
export function receivedBy({ reference, readBack, ...receipt }: Receipt): Result {
  const answer = short(receipt.answer);
  return {
    outcome: readBack ? "read_back" : "accepted",
    answer,
    receipt: { reference, readBack, answer },
  };
}

/** A version conflict is read again and tried once more; a second one is tried later. */
async function writeOnce(
  { writeBack: write, fetch }: WriteBackTarget["connector"],
  request: WriteBackRequest,
): Promise<Receipt> {
  if (!write) throw new UpstreamError("Nothing can be written back", { retryAt: null });
  try {
    return await write(request);
  } catch (error) {
    const version = isConflict(error) && fetch ? await versionOf(fetch, request) : undefined;
    if (version === undefined) throw error;
    try {
      return await write({ ...request, invoice: { ...request.invoice, version } });
    } catch (again) {
      if (!(again instanceof UpstreamError) || !isConflict(again)) throw again;
      const { message, status, outcome } = again;
      throw new UpstreamError(message, { cause: again, outcome, ...(status && { status }) });
    }
  }
}

function isConflict(error: unknown): boolean {
  return error instanceof UpstreamError && [409, 412].includes(error.status ?? 0);
}

async function versionOf(
  fetch: NonNullable<WriteBackTarget["connector"]["fetch"]>,
  { invoice: { number, externalId } }: WriteBackRequest,
) {
  const found = await fetch(externalId === null ? { number } : { externalId, number });
  const snapshot = found?.changes.find((change) => change.kind === "invoice");
  return snapshot?.invoice.version;
}

/** What follows on a dispute names it as the system did when it took the opening. */
async function withDisputeId(
  db: Db,
  row: OutboxRow,
  request: WriteBackRequest,
): Promise<WriteBackRequest> {
  const { dispute, event } = request;
  if (!dispute || dispute.externalId !== undefined || event === "dispute.opened") return request;
  const earlier = await db
    .selectFrom("outbox")
    .select(["payload", "receipt"])
    .where("order_key", "=", row.order_key)
    .where("what", "=", "dispute.opened")
    .where("receipt", "is not", null)
    .limit(100)
    .execute();
  for (const { payload, receipt } of earlier) {
    const opened = WriteBackRequest.parse(JSON.parse(payload));
    if (opened.dispute?.id !== dispute.id) continue;
    const { reference } = Reference.parse(JSON.parse(receipt ?? "null"));
    if (reference !== null) return { ...request, dispute: { ...dispute, externalId: reference } };
  }
  return request;
}
