import {
  insertCheckpoint,
  latestCheckpoints,
  latestKeptCheckpoint,
} from "#db/queries/checkpoints.ts";
import { ledgerEnds } from "#db/queries/event-scan.ts";
import { insertOutbox } from "#db/queries/outbox.ts";
import { readSupplier } from "#db/queries/settings.ts";
import type { Context } from "#server/context.ts";
import { checkpointText, parseCheckpoint } from "#domain/checkpoint.ts";
import type { Source } from "#domain/event.ts";
import { signNote } from "#domain/note.ts";
import { dayMs, type Instant, toInstant } from "#domain/time.ts";
import { RequestError } from "#server/errors.ts";
import { auditIn } from "#server/ledger/audit.ts";
import { chainHeads, headsTree } from "#server/ledger/chain-heads.ts";
import { growTree, rootOfRange } from "#server/ledger/verify/tree.ts";
import { checkpointMails } from "#server/mail/checkpoint.ts";
import { openSigner } from "./signer.ts";

type Waking = Context & { wakeOutbox(): void };

/** What was signed, and what it can be checked with. */
export interface MadeCheckpoint {
  size: number;
  note: string;
  createdAt: Instant;
  publicKey: string;
}

/**
 * Signs what the ledger is now, stores it and mails it to the auditors; one that was made on demand, for a
 * proof, is stored alone. `source` is who asked; the ledger then tells of it. Gives the last one when nothing was recorded since. Throws RequestError
 * (409) for an empty ledger, and when the ledger is not the one that was signed before.
 */
export async function makeCheckpoint(
  context: Waking,
  source: Source | null,
  why: "kept" | "on demand" = "kept",
): Promise<MadeCheckpoint> {
  const { db, writer, clock, committed } = context;
  const signer = await openSigner(context);
  const { head: size } = await ledgerEnds(db);
  if (size === 0) throw new RequestError(409, "Nothing has been recorded yet");
  await growTree(context);
  const [last] = await latestCheckpoints(db, 1);
  if (last) await requireSameBeginning(context, last, size);
  if (last?.size === size) {
    const { note, created_at: createdAt } = last;
    if (why === "kept" && last.on_demand_at !== null) await mailKept(context, size);
    return { size, note, createdAt, publicKey: signer.publicKey };
  }
  const heads = headsTree(await chainHeads(db, size));
  const root = await rootOfRange(db, [0, size]);
  const tree = { size, root, heads: { count: heads.size, root: heads.root() } };
  const note = signNote(checkpointText({ origin: signer.name, ...tree }), signer);
  const createdAt = toInstant(clock());
  const auditors = why === "kept" ? (await readSupplier(db)).auditors : "";
  const on_demand_at = why === "kept" ? null : createdAt;
  const events = await writer.transaction().execute(async (trx) => {
    if (!(await insertCheckpoint(trx, { size, note, created_at: createdAt, on_demand_at })))
      return [];
    await insertOutbox(trx, checkpointMails({ auditors, size, now: createdAt }));
    if (source === null) return [];
    const details = { root, publicKey: signer.publicKey };
    const subject = String(size);
    return auditIn(trx, context, { source, action: "checkpoint_made", subject, details });
  });
  committed.publish(events);
  if (auditors !== "") context.wakeOutbox();
  return { size, note, createdAt, publicKey: signer.publicKey };
}

/** Auditors are told of one that was made on demand, once. */
async function mailKept(context: Waking, size: number): Promise<void> {
  const { auditors } = await readSupplier(context.db);
  const now = toInstant(context.clock());
  await context.writer
    .transaction()
    .execute((trx) => insertOutbox(trx, checkpointMails({ auditors, size, now })));
  if (auditors !== "") context.wakeOutbox();
}

/** A log never signs two ledgers (C2SP tlog-checkpoint): what was signed last has to be its beginning. */
async function requireSameBeginning(
  { db }: Context,
  last: { size: number; note: string },
  size: number,
): Promise<void> {
  const text = last.note.slice(0, last.note.lastIndexOf("\n\n") + 1);
  const same =
    last.size <= size && parseCheckpoint(text).root === (await rootOfRange(db, [0, last.size]));
  if (same) return;
  throw new RequestError(
    409,
    `This is not the ledger that the checkpoint of event ${last.size} was made of, so nothing was signed: verify the ledger`,
  );
}

/** The daily one, for the scheduler: made once the last is a day old and something was recorded. */
export async function makeDailyCheckpoint(context: Waking): Promise<void> {
  const last = await latestKeptCheckpoint(context.db);
  const { head } = await ledgerEnds(context.db);
  const age = last ? context.clock().getTime() - Date.parse(last.created_at) : dayMs;
  if (head > (last?.size ?? 0) && age >= dayMs) await makeCheckpoint(context, null);
}
