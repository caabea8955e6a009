import { type RawBuilder, sql } from "kysely";
import type { Db } from "#db/connect.ts";
import { isPostgres } from "#db/postgres.ts";
import { decimalsOf } from "#server/domain/currency.ts";
import { type CustomerScope, invoicesOf } from "./scope.ts";
import { beginning } from "#server/domain/text.ts";

/** Each way of finding gives at most so many: whoever sees more refines the search. */
const limit = 500;
/** In characters; PostgreSQL's index takes no words of more than 2 kB. */
const longestWord = 200;

/**
 * The ids of a customer's invoices that a search finds: by the beginning of the number or PO number,
 * by the exact total or due amount ("1,250.50", "1250.5"), or by words. Every way is on an index.
 */
export function matching(db: Db, scope: CustomerScope, search: string) {
  const text = beginning(search.trim(), 100);
  const key = text.toUpperCase();
  const own = () => invoicesOf(db, scope).select("id").limit(limit);
  const found = [
    own().where("number_key", ">=", key).where("number_key", "<", afterPrefix(key)),
    own().where("po_key", ">=", key).where("po_key", "<", afterPrefix(key)),
  ];
  for (const [column, amounts] of [
    ["total", amountsOf(text)],
    ["due", amountsOf(text)],
  ] as const) {
    if (amounts.length > 0) found.push(own().where(column, "in", amounts));
  }
  const words = wordsIn(text).slice(0, 8);
  if (words.length > 0) found.push(own().where("id", "in", withWords(db, scope, words)));
  const [first, ...others] = found.map((query) => db.selectFrom(query.as("f")).select("f.id"));
  return others.reduce(
    (all, other) => all.union(other),
    first ?? db.selectFrom(own().as("f")).select("f.id"),
  );
}

/**
 * Every word is the beginning of one in the invoice, under one of the customer's records: the index is
 * read there alone, however many invoices others have. Words are quoted, so that no character is an
 * operator.
 */
function withWords(db: Db, scope: CustomerScope, words: string[]) {
  const [quote, and, or] = isPostgres(db) ? ["'", " & ", " | "] : ['"', " AND ", " OR "];
  const [begin, end] = [sql.lit(quote), sql.lit(isPostgres(db) ? "':*" : '"*')];
  const each = words.map((word) => sql`${begin} || replace(id, '_', '') || ${word} || ${end}`);
  const all = sql`'(' || ${sql.join(each, sql` || ${sql.lit(and)} || `)} || ')'`;
  const records = db.selectFrom("customer_records").where("customer_id", "=", scope.customerId);
  if (isPostgres(db)) {
    const query = records.select(sql<string>`string_agg(${all}, ${sql.lit(or)})`.as("query"));
    return rowsThat(db, sql`array_to_tsvector(string_to_array(words, ' ')) @@ (${query})::tsquery`);
  }
  const query = records.select(sql<string>`group_concat(${all}, ${sql.lit(or)})`.as("query"));
  return rowsThat(db, sql`invoice_search match (${query})`);
}

function rowsThat(db: Db, matches: RawBuilder<boolean>) {
  return db.selectFrom("invoice_search").where(matches).select("invoice_id").limit(limit);
}

/** The different words of a text, small and without marks, as SQLite's index tells words apart. */
function wordsIn(text: string): string[] {
  const folded = isPlain.test(text) ? text.toLowerCase() : withoutMarks(text).toLowerCase();
  const words = folded.match(/[\p{L}\p{N}\p{Co}]+/gu) ?? [];
  return [...new Set(words.map((word) => beginning(word, longestWord)))];
}

const isPlain = /^[\x20-\x7e\s]*$/;

function withoutMarks(text: string): string {
  return text
    .normalize("NFD")
    .replaceAll(/\p{Mn}+/gu, "")
    .normalize("NFC");
}

/** What an invoice's row in the index holds: its words, each behind the customer record that it is for. */
export function searchText(record: string, text: string): string {
  const under = record.replaceAll("_", "");
  return wordsIn(text)
    .map((word) => under + word)
    .join(" ");
}

/** The first text that no longer begins with the prefix. */
function afterPrefix(prefix: string): string {
  return `${prefix}\u{10ffff}`;
}

/**
 * Minor units that "1,250.50", "1250.5" or "1250,50" may mean, by the number of decimals that
 * currencies have. A comma before exactly three digits groups; the amount is exact, never near.
 */
export function amountsOf(text: string): number[] {
  const plain = text.replace(/^[A-Z]{3}\s+/i, "").replaceAll(/[\s'\u{a0}]/gu, "");
  const [, whole = "", fraction = ""] =
    /^(\d{1,3}(?:[,.]\d{3})+|\d{1,13})(?:[.,](\d{0,3}))?$/.exec(plain) ?? [];
  if (whole === "") return [];
  const digits = whole.replaceAll(/[,.]/g, "");
  const amounts = ["JPY", "EUR", "KWD"].flatMap((currency) => {
    const decimals = decimalsOf(currency);
    const used = fraction.replace(/0+$/, "");
    return used.length > decimals ? [] : [Number(digits + used.padEnd(decimals, "0"))];
  });
  return [...new Set(amounts)].filter((amount) => Number.isSafeInteger(amount));
}
