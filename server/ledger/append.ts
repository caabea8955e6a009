import { sql } from "kysely";
import { compiled } from "#db/compiled.ts";
import type { Db } from "#db/connect.ts";
import type { EventRow } from "#db/schema/ledger.ts";
import { canonicalJson, type Json } from "#domain/canonical-json.ts";
import { type Draft, type LedgerEvent, type Source, versionOf } from "#domain/event.ts";
import { drawBytes } from "#domain/random.ts";
import { sha256Of } from "#domain/sha256.ts";
import { type Instant, type Occurred, plusMs } from "#domain/time.ts";

/** Version of the header: canonicalisation RFC 8785, SHA-256, and the fields of `header()`. */
export const headerVersion = 1;

/** What the first event of a chain builds on. */
export const genesis = "0".repeat(64);

/** A source later than this after its receipt is wrong about the time: clamped, and kept in the data. */
const clockSkewMs = 5 * 60_000;
const saltBytes = 16;

const readHead = compiled<{ id: number }, { sequence: number; recorded_at: string }>((db, value) =>
  db.selectFrom("ledger_head").select(["sequence", "recorded_at"]).where("id", "=", value("id")),
);
const writeHead = compiled<{ sequence: number; recorded_at: string }, unknown>((db, value) =>
  db
    .updateTable("ledger_head")
    .set({ sequence: value("sequence"), recorded_at: value("recorded_at") })
    .where("id", "=", 1),
);
const lastHash = compiled<{ chain: string }, { hash: string }>((db, value) =>
  db
    .selectFrom("events")
    .select("hash")
    .where("chain", "=", value("chain"))
    .orderBy("sequence", "desc")
    // Written out: with a parameter SQLite sorts the whole chain.
    .limit(sql.lit(1)),
);
const hashAt = compiled<{ sequence: number }, { hash: string }>((db, value) =>
  db.selectFrom("events").select("hash").where("sequence", "=", value("sequence")),
);
const insertEvent = compiled<EventRow, unknown>((db, value) =>
  db.insertInto("events").values({
    sequence: value("sequence"),
    chain: value("chain"),
    type: value("type"),
    type_version: value("type_version"),
    audience: value("audience"),
    invoice_id: value("invoice_id"),
    occurred_at: value("occurred_at"),
    recorded_at: value("recorded_at"),
    source: value("source"),
    commitment: value("commitment"),
    hash: value("hash"),
    salt: value("salt"),
    data: value("data"),
  }),
);

interface Appending {
  source: Source;
  /** Where a draft comes from; absent: all from `source`. */
  sourceOf?: ((draft: Draft) => Source) | undefined;
  now: Instant;
}

/**
 * Gives each draft its place: the next sequence, the writer's clock (which never decreases), the
 * salted commitment to its data and the hash over the chain's last one. Only inside a transaction.
 */
export async function append(
  trx: Db,
  drafts: Draft[],
  { source: common, sourceOf = () => common, now }: Appending,
): Promise<LedgerEvent[]> {
  if (drafts.length === 0) return [];
  const head = heads.get(trx) ?? (await headOf(trx));
  const recordedAt = now > head.recordedAt ? now : head.recordedAt;
  const events: LedgerEvent[] = [];
  for (const draft of drafts) {
    const isAhead =
      draft.occurredAt > recordedAt && draft.occurredAt > plusMs(recordedAt, clockSkewMs);
    const occurredAt = isAhead ? recordedAt : draft.occurredAt;
    const previous =
      head.hashes.get(draft.chain) ??
      (await lastHash(trx, { chain: draft.chain }))[0]?.hash ??
      genesis;
    const sequence = head.sequence + events.length + 1;
    const source = sourceOf(draft);
    const row = rowOf(draft, source, { sequence, occurredAt, recordedAt, previous });
    await insertEvent(trx, row);
    head.hashes.set(draft.chain, row.hash);
    head.hash = row.hash;
    events.push({ ...draft, occurredAt, sequence, recordedAt, source, hash: row.hash });
  }
  head.sequence += events.length;
  head.recordedAt = recordedAt;
  if (!head.isKept) await writeHead(trx, { sequence: head.sequence, recorded_at: recordedAt });
  return events;
}

/**
 * For a transaction that appends many times: appending leaves the ledger's head as it is in the database,
 * and whoever called this ends by calling what it gives. Not for one that may undo a part of itself.
 */
export async function keepHead(trx: Db): Promise<() => Promise<unknown>> {
  const head = heads.get(trx) ?? (await headOf(trx));
  head.isKept = true;
  return () => writeHead(trx, { sequence: head.sequence, recorded_at: head.recordedAt });
}

interface Head {
  sequence: number;
  recordedAt: Instant;
  /** The hash of the last event. */
  hash: string;
  /** The last one of each chain that was appended to. */
  hashes: Map<string, string>;
  /** It is written by whoever began the transaction, not with each append. */
  isKept: boolean;
}

/** By transaction: what it appended it need not read again. */
const heads = new WeakMap<Db, Head>();

/**
 * By database: where the last transaction left the ledger, whether or not it was committed. Its hashes
 * hold for the next one if the ledger still ends with the very same event.
 */
const left = new WeakMap<object, Head>();
const mostChains = 2_000;

/** For whoever undoes a part of a transaction: what was appended in it is gone. */
export function forgetHead(trx: Db): void {
  heads.delete(trx);
}

async function headOf(trx: Db): Promise<Head> {
  const [row] = await readHead(trx, { id: 1 });
  if (!row) throw new Error("The ledger has no head: the database was not migrated");
  const { sequence, recorded_at: recordedAt } = row;
  const hash = (await hashAt(trx, { sequence }))[0]?.hash ?? genesis;
  const database = trx.getExecutor().adapter;
  const before = left.get(database);
  const isSame = before?.sequence === sequence && before.hash === hash;
  // A copy: transactions that overlap, as on PostgreSQL, must not see what the other one may undo.
  const hashes = new Map(isSame && before.hashes.size < mostChains ? before.hashes : []);
  const head: Head = { sequence, recordedAt, hash, hashes, isKept: false };
  heads.set(trx, head);
  left.set(database, head);
  return head;
}

interface Place {
  sequence: number;
  occurredAt: Occurred;
  recordedAt: Instant;
  previous: string;
}

function rowOf(draft: Draft, source: Source, place: Place): EventRow {
  const salt = drawBytes(saltBytes).toString("hex");
  const data = canonicalJson(draft.data as Json);
  const row: EventRow = {
    sequence: place.sequence,
    chain: draft.chain,
    type: draft.type,
    type_version: versionOf(draft.type),
    audience: draft.audience,
    invoice_id: draft.invoice,
    occurred_at: place.occurredAt,
    recorded_at: place.recordedAt,
    source: canonicalJson(source as Json),
    commitment: commitmentOf(salt, data),
    salt,
    data,
    hash: "",
  };
  row.hash = hashOf(place.previous, row);
  return row;
}

/** SHA-256(salt ‖ canonical JSON of the data), hex: binds the event to data that can be erased. */
export function commitmentOf(salt: string, data: string): string {
  return sha256Of(salt, data);
}

/** SHA-256(previous hash ‖ canonical JSON of the header), hex. */
export function hashOf(previous: string, row: Omit<EventRow, "hash" | "salt" | "data">): string {
  return sha256Of(previous, header(row));
}

/**
 * Canonical JSON of header v1. Written out in key order, because it is hashed once per event; equal
 * to `canonicalJson` of the same object, which a test asserts.
 */
export function header(row: Omit<EventRow, "hash" | "salt" | "data">): string {
  const text = JSON.stringify;
  return (
    `{"audience":${text(row.audience)},"chain":${text(row.chain)},` +
    `"commitment":${text(row.commitment)},"invoice":${text(row.invoice_id)},` +
    `"occurredAt":${text(row.occurred_at)},"recordedAt":${text(row.recorded_at)},` +
    `"sequence":${row.sequence},"source":${row.source},` +
    `"type":${text(`${row.type}@${row.type_version}`)},"v":${headerVersion}}`
  );
}
