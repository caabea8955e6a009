import { type ExpressionBuilder, type RawBuilder, type SelectQueryBuilder, sql } from "kysely";
import type { Db } from "#db/connect.ts";
import { isPostgres } from "#db/postgres.ts";
import type { Schema } from "#db/schema.ts";
import { decimalsOf } from "#domain/currency.ts";
import { searchLimit } from "#domain/list-limits.ts";
import { type CustomerScope, invoicesOf } from "./scope.ts";
import { type TypedAmount, typedAmount } from "./search-amounts.ts";
import { piecesOf, recordNameLength, type Term, termsOf } from "./search-terms.ts";
import { beginning } from "#domain/text.ts";

// Migration 0004 fills the index of its time.
export { searchText } from "./search-terms.ts";

/** What somebody typed, read once. */
interface Asked {
  terms: Term[];
  amount: TypedAmount | null;
  /** The number of a dispute, as it may be written. */
  disputes: string[];
}

function read(search: string): Asked {
  const text = beginning(search.trim(), 200);
  const isDispute = /^d\W/i.test(text);
  return {
    terms: termsOf(text),
    amount: typedAmount(text),
    disputes: isDispute ? [...new Set([text, text.toUpperCase()])] : [],
  };
}

/**
 * The ids of a customer's invoices that a search finds, each at most `searchLimit` and one: by words
 * anywhere in number, references, names, description and lines, by the total or due amount, or by the
 * number of a dispute. Every way is on an index.
 */
export function matching(db: Db, scope: CustomerScope, search: string) {
  const { terms, amount, disputes } = read(search);
  const own = () => invoicesOf(db, scope).select("invoices.id as found");
  const ways = withAmount(db, scope, amount).map((way) => limited(db, way));
  if (terms.length > 0) ways.push(limited(db, withWords(db, scope, terms)));
  if (disputes.length > 0) {
    const about = own().where("invoices.id", "in", disputed(db, scope, disputes));
    ways.push(limited(db, about));
  }
  const [first, ...others] = ways;
  return others.reduce(
    (all, other) => all.union(other),
    first ?? limited(db, own().where(sql<boolean>`1 = 0`)),
  );
}

function limited<Tables, From extends keyof Tables>(
  db: Db,
  way: SelectQueryBuilder<Tables, From, { found: string }>,
) {
  return db.selectFrom(way.limit(searchLimit + 1).as("f")).select("f.found");
}

function withAmount(db: Db, scope: CustomerScope, amount: TypedAmount | null) {
  if (amount === null) return [];
  return (["total", "due"] as const).map((column) => {
    const own = invoicesOf(db, scope).select("invoices.id as found");
    return own.where((of) => isAmount(of, column, amount));
  });
}

/** Whether an invoice that is read anyway is what a search asks for. */
export function isMatch(db: Db, scope: CustomerScope, search: string) {
  const { terms, amount, disputes } = read(search);
  return (of: ExpressionBuilder<Schema, "invoices">) => {
    const text = db
      .selectFrom("invoice_search as s")
      .select("s.invoice_id")
      .where(sql<boolean>`s.rowid = invoices.search_id`);
    return of.or([
      ...(terms.length > 0 ? [of.exists(text.where(holdsAll(db, terms)))] : []),
      ...(amount ? [isAmount(of, "total", amount), isAmount(of, "due", amount)] : []),
      ...(disputes.length > 0 ? [of("invoices.id", "in", disputed(db, scope, disputes))] : []),
    ]);
  };
}

/** How many rows a search would read to find what it finds, at most `searchLimit` and one. */
export async function searchReads(db: Db, scope: CustomerScope, search: string): Promise<number> {
  const { terms, amount } = read(search);
  const ways = withAmount(db, scope, amount).map((way) => limited(db, way));
  if (terms.length > 0) {
    ways.push(limited(db, inIndex(db, scope, terms).select("s.invoice_id as found")));
  }
  let most = 0;
  for (const way of ways) {
    const counted = db.selectFrom(way.as("w")).select(({ fn }) => fn.countAll<number>().as("rows"));
    most = Math.max(most, (await counted.executeTakeFirstOrThrow()).rows);
  }
  return most;
}

/** The index knows pieces of words: whether they make up the word that is asked for, the text says. */
function withWords(db: Db, scope: CustomerScope, terms: Term[]) {
  const read = inIndex(db, scope, terms).select(["s.invoice_id as found", "s.text as text"]);
  return db
    .selectFrom(read.limit(searchLimit + 1).as("s"))
    .where(holdsAll(db, terms))
    .select("s.found");
}

/**
 * The rows with all pieces of all terms, under one of the customer's records: the index is read there
 * alone, however many invoices others have.
 */
function inIndex(db: Db, scope: CustomerScope, terms: Term[]) {
  const records = db.selectFrom("customer_records").where("customer_id", "=", scope.customerId);
  const under = sql`substr(id, length(id) - ${sql.lit(recordNameLength - 1)})`;
  // The text is made here: SQLite refuses a long chain of `||` as too deep.
  const asked = sql`replace(${inWordsOf(db, terms)}, ${recordPlace}, ${under})`;
  if (isPostgres(db)) {
    const query = records.select(sql<string>`string_agg(${asked}, ' | ')`.as("query"));
    const matches = sql<boolean>`array_to_tsvector(string_to_array(words, ' ')) @@ (${query})::tsquery`;
    return db.selectFrom("invoice_search as s").where(matches);
  }
  const query = records.select(sql<string>`group_concat(${asked}, ' OR ')`.as("query"));
  const newestFirst = db.selectFrom("invoice_search as s").orderBy("s.rowid", "desc");
  // A customer without records asks for the empty phrase, which nothing holds; FTS5 refuses null.
  return newestFirst.where(sql<boolean>`invoice_search match coalesce((${query}), '""')`);
}

/** Stands for the record's name: neither a piece nor the index's language has it. */
const recordPlace = "~";

/** The terms in the language of the engine's index, each piece quoted behind the record's place. */
function inWordsOf(db: Db, terms: Term[]): string {
  const [quote, and, or] = isPostgres(db) ? ["'", " & ", " | "] : ['"', " AND ", " OR "];
  const star = isPostgres(db) ? ":*" : "*";
  const joined = (parts: string[], by: string) => `(${parts.join(by)})`;
  const word = (text: string) =>
    joined(
      piecesOf(text).map(
        ({ piece, isBeginning }) =>
          `${quote}${recordPlace}${piece}${quote}${isBeginning ? star : ""}`,
      ),
      and,
    );
  const way = (words: string[]) => joined(words.map(word), and);
  return joined(
    terms.map((ways) => joined(ways.map(way), or)),
    and,
  );
}

/** That the folded text of a row holds every term. */
function holdsAll(db: Db, terms: Term[]): RawBuilder<boolean> {
  const holds = (word: string) =>
    isPostgres(db) ? sql`strpos(s.text, ${word}) > 0` : sql`instr(s.text, ${word}) > 0`;
  const way = (words: string[]) => sql`(${sql.join(words.map(holds), sql` and `)})`;
  const term = (ways: Term) => sql`(${sql.join(ways.map(way), sql` or `)})`;
  return sql<boolean>`(${sql.join(terms.map(term), sql` and `)})`;
}

/** Minor units mean what they do by the decimals of the row's own currency. */
function isAmount(
  of: ExpressionBuilder<Schema, "invoices">,
  column: "total" | "due",
  { currencies, minor }: TypedAmount,
) {
  const ways = [...minor].map(([decimals, amounts]) => {
    const isOne = of(column, "in", [...amounts]);
    if (currencies) {
      const named = currencies.filter((code) => decimalsOf(code) === decimals);
      return of.and([isOne, of("currency", "in", named)]);
    }
    if (decimals !== 2) return of.and([isOne, of("currency", "in", withDecimals(decimals))]);
    return of.and([isOne, of("currency", "not in", [0, 3, 4].flatMap(withDecimals))]);
  });
  // The index is read by the amounts alone.
  return of.and([of(column, "in", [...minor.values()].flat()), of.or(ways)]);
}

const byDecimals = new Map<number, string[]>();

function withDecimals(decimals: number): string[] {
  const known = byDecimals.get(decimals);
  if (known) return known;
  const codes = Intl.supportedValuesOf("currency").filter((code) => decimalsOf(code) === decimals);
  // No list of a query may be empty.
  const listed = codes.length === 0 ? ["-"] : codes;
  byDecimals.set(decimals, listed);
  return listed;
}

function disputed(db: Db, scope: CustomerScope, numbers: string[]) {
  return db
    .selectFrom("disputes")
    .where("number", "in", numbers)
    .where("customer_id", "=", scope.customerId)
    .select("invoice_id");
}
