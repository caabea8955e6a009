import { sql } from "kysely";
import { compiled } from "#db/compiled.ts";
import type { Db } from "#db/connect.ts";
import type { EventRow } from "#db/schema/ledger.ts";
import { arraysOf } from "#db/sqlite.ts";

/**
 * An event as who computes its hashes needs it: half as dear to read as a row with names. The header is
 * as it is when none of its values needs escaping, which is nearly always.
 */
export type ScannedEvent = readonly [
  sequence: number,
  chain: string,
  commitment: string,
  hash: string,
  salt: string | null,
  data: string | null,
  plainHeader: string | null,
];

const columns = ["sequence", "chain", "commitment", "hash", "salt", "data"] as const;

/** `header` of server/ledger/append.ts, put together where the values lie. */
const plainHeader = `'{"audience":"' || audience || '","chain":"' || chain ||
  '","commitment":"' || commitment || '","invoice":' || coalesce('"' || invoice_id || '"', 'null') ||
  ',"occurredAt":"' || occurred_at || '","recordedAt":"' || recorded_at ||
  '","sequence":' || sequence || ',"source":' || source ||
  ',"type":"' || type || '@' || type_version || '","v":1}'`;

interface Page {
  /** Behind this sequence, up to and with that one. */
  after: number;
  through: number;
}

const page = `select ${columns.join(", ")}, ${plainHeader} from events
  where sequence > ? and sequence <= ? order by sequence`;

type ScannedRow = Pick<EventRow, (typeof columns)[number]> & { plainHeader: string | null };

const readPage = compiled<Page, ScannedRow>((db, value) =>
  db
    .selectFrom("events")
    .select(columns)
    .select(sql.raw<string | null>(plainHeader).as("plainHeader"))
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

function scanned(row: ScannedRow): ScannedEvent {
  const { sequence, chain, commitment, hash, salt, data } = row;
  return [sequence, chain, commitment, hash, salt, data, row.plainHeader];
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
