import { type Kysely, sql } from "kysely";
import { z } from "zod";
import { create, type Statement } from "#db/create.ts";
import { searchText } from "#db/queries/search-terms.ts";
import { searchedText } from "#domain/searched-text.ts";

/**
 * Invoices are found by what stands anywhere in a word: the index holds pieces of words, and the folded
 * text beside them says whether they make up the word that was asked for.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await create(db, statements);
  await fill(db);
}

const statements: Statement[] = [
  `drop table invoice_search`,
  {
    // The words are ASCII already.
    sqlite: [
      `create virtual table invoice_search using fts5 (invoice_id unindexed, text unindexed, words,
        tokenize = 'ascii', detail = none, columnsize = 0)`,
    ],
    postgres: [
      `create table invoice_search (rowid bigint primary key, invoice_id text collate "C" not null,
        text text collate "C" not null, words text collate "C" not null)`,
      `create index invoice_search_words on invoice_search using gin (
        array_to_tsvector(string_to_array(words, ' ')))`,
    ],
  },
];

const rowsAtOnce = 1_000;
const View = z.object({
  number: z.string(),
  customerName: z.string(),
  description: z.string().nullable(),
  references: z.array(z.object({ kind: z.string(), value: z.string() })),
  lines: z.array(z.object({ description: z.string() })),
});

async function fill(db: Kysely<unknown>): Promise<void> {
  for (let last = ""; ;) {
    const { rows } = await sql<{ id: string; search_id: number; record: string; view: string }>`
      select id, search_id, customer_record_id as record, view from invoices
      where id > ${last} order by id limit ${rowsAtOnce}`.execute(db);
    const filled = rows.map(({ id, search_id, record, view }) => {
      const text = searchedText(View.parse(JSON.parse(view)));
      return sql`(${search_id}, ${id}, ${text}, ${searchText(record, text)})`;
    });
    if (filled.length > 0) {
      await sql`insert into invoice_search (rowid, invoice_id, text, words)
        values ${sql.join(filled)}`.execute(db);
    }
    if (rows.length < rowsAtOnce) return;
    last = rows.at(-1)?.id ?? last;
  }
}
