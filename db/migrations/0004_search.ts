import { type Kysely, sql } from "kysely";
import { z } from "zod";
import { create, type Statement } from "#db/create.ts";
import { searchText } from "#db/queries/search.ts";

/**
 * The words of invoices stand under their customer record, so that a search reads the words of one
 * customer and not everybody's.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await create(db, statements);
  await fill(db);
}

const statements: Statement[] = [
  `drop table invoice_search`,
  {
    sqlite: [
      `create virtual table invoice_search using fts5 (invoice_id unindexed, words,
        tokenize = 'unicode61 remove_diacritics 2', detail = none, columnsize = 0)`,
    ],
    postgres: [
      `create table invoice_search (rowid bigint primary key, invoice_id text collate "C" not null,
        words text collate "C" not null)`,
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
  references: z.array(z.object({ value: z.string() })),
  lines: z.array(z.object({ description: z.string() })),
});

async function fill(db: Kysely<unknown>): Promise<void> {
  for (let last = ""; ;) {
    const { rows } = await sql<{ id: string; search_id: number; record: string; view: string }>`
      select id, search_id, customer_record_id as record, view from invoices
      where id > ${last} order by id limit ${rowsAtOnce}`.execute(db);
    const filled = rows.map(({ id, search_id, record, view }) => {
      const { number, customerName, description, references, lines } = View.parse(JSON.parse(view));
      const said = [
        ...references.map(({ value }) => value),
        ...lines.map((line) => line.description),
      ];
      const text = [number, customerName, description, ...said].join("\n");
      return sql`(${search_id}, ${id}, ${searchText(record, text)})`;
    });
    if (filled.length > 0) {
      await sql`insert into invoice_search (rowid, invoice_id, words)
        values ${sql.join(filled)}`.execute(db);
    }
    if (rows.length < rowsAtOnce) return;
    last = rows.at(-1)?.id ?? last;
  }
}
