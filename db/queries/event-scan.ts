import { sql } from "kysely";
import { compiled } from "#db/compiled.ts";
import type { Db } from "#db/connect.ts";
import type { EventRow } from "#db/schema.ts";
import { arraysOf } from "#db/sqlite.ts";

/** An event's columns in the order of `columns`: half as dear to read as a row with names. */
export type ScannedEvent = readonly [
  sequence: number,
  chain: string,
  type: string,
  typeVersion: number,
  audience: string,
  invoice: string | null,
  occurredAt: string,
  recordedAt: string,
  source: string,
  commitment: string,
  hash: string,
  salt: string | null,
  data: string | null,
];

const columns = [
  "sequence",
  "chain",
  "type",
  "type_version",
  "audience",
  "invoice_id",
  "occurred_at",
  "recorded_at",
  "source",
  "commitment",
  "hash",
  "salt",
  "data",
] as const;

interface Page {
  /** Behind this sequence, up to and with that one. */
  after: number;
  through: number;
}

const page = `select ${columns.join(", ")} from events
  where sequence > ? and sequence <= ? order by sequence`;

const readPage = compiled<Page, EventRow>((db, value) =>
  db
    .selectFrom("events")
    .select(columns)
    .where("sequence", ">", value("after"))
    .where("sequence", "<=", value("through"))
    .orderBy("sequence"),
);

/** Reads a page of the whole ledger, for who reads all of it. */
export async function scanEvents(db: Db, { after, through }: Page): Promise<ScannedEvent[]> {
  // The engine gives the columns in the order in which they are asked for.
  const arrays = arraysOf(db, page, [after, through]) as ScannedEvent[] | undefined;
  return arrays ?? (await readPage(db, { after, through })).map(scanned);
}

function scanned(row: EventRow): ScannedEvent {
  return [
    row.sequence,
    row.chain,
    row.type,
    row.type_version,
    row.audience,
    row.invoice_id,
    row.occurred_at,
    row.recorded_at,
    row.source,
    row.commitment,
    row.hash,
    row.salt,
    row.data,
  ];
}

/** Where the ledger begins and ends by its rows, and where its head says that it ends. */
export async function ledgerEnds(db: Db) {
  const ends = await db
    .selectFrom("ledger_head")
    .select((row) => [
      "sequence as head",
      row
        .selectFrom("events")
        .select((event) => event.fn.min("sequence").as("first"))
        .as("first"),
      row
        .selectFrom("events")
        .select((event) => event.fn.max("sequence").as("last"))
        .as("last"),
    ])
    .where("id", "=", 1)
    .executeTakeFirst();
  return { head: ends?.head ?? 0, first: ends?.first ?? 1, last: ends?.last ?? 0 };
}

const lastOfChain = compiled<{ chain: string; size: number }, { sequence: number; hash: string }>(
  (db, value) =>
    db
      .selectFrom("events")
      .select(["sequence", "hash"])
      .where("chain", "=", value("chain"))
      .where("sequence", "<=", value("size"))
      .orderBy("sequence", "desc")
      // Written out: with a parameter SQLite sorts the whole chain.
      .limit(sql.lit(1)),
);

/** The last event of a chain among the first `size`; undefined where the chain begins later. */
export async function headOfChain(db: Db, chain: string, size: number) {
  return (await lastOfChain(db, { chain, size }))[0];
}

const nextChain = compiled<{ chain: string }, { chain: string }>((db, value) =>
  db
    .selectFrom("events")
    .select("chain")
    .where("chain", ">", value("chain"))
    .orderBy("chain")
    .limit(sql.lit(1)),
);

/** The chain that comes next by its id, found by the index alone; undefined after the last. */
export async function chainAfter(db: Db, chain: string): Promise<string | undefined> {
  return (await nextChain(db, { chain }))[0]?.chain;
}

const readHashes = compiled<Page, { hash: string }>((db, value) =>
  db
    .selectFrom("events")
    .select("hash")
    .where("sequence", ">", value("after"))
    .where("sequence", "<=", value("through"))
    .orderBy("sequence"),
);

/** Hashes of events in their order. Throws when one is missing. */
export async function eventHashes(db: Db, { after, through }: Page): Promise<string[]> {
  const rows = await readHashes(db, { after, through });
  if (rows.length !== through - after) {
    throw new Error(`Events are missing between ${after + 1} and ${through}: verify the ledger`);
  }
  return rows.map((row) => row.hash);
}
