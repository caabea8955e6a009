import Database from "better-sqlite3";
import { existsSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { z } from "zod";
import { administer, emptyDatabase } from "#test/support/postgres.ts";

/** A portal's database, read without the portal's code. */
export interface Book {
  /** How a portal finds it beside its data folder. */
  environment: Record<string, string>;
  all<Row>(sql: string, schema: z.ZodType<Row>): Promise<Row[]>;
  /** Whether a portal has begun to make its tables. */
  isBegun(): Promise<boolean>;
  /** Ends the portal's connections, as a database server does that goes away. */
  cut(): Promise<void>;
  /** Removes the database, where it is not in the data folder. */
  close(): Promise<void>;
}

/** The book in a data folder, or in an empty database of its own on a PostgreSQL server. */
export async function openBook(folder: string, server: string | undefined): Promise<Book> {
  return server === undefined ? fileBook(folder) : serverBook(server);
}

function fileBook(folder: string): Book {
  const file = join(folder, "portal.db");
  return {
    environment: {},
    all: async (sql, schema) => {
      const database = new Database(file, { readonly: true });
      try {
        return z.array(schema).parse(database.prepare(sql).all());
      } finally {
        database.close();
      }
    },
    isBegun: async () => existsSync(file),
    cut: async () => undefined,
    close: async () => undefined,
  };
}

const bigint = 20;
const types = {
  getTypeParser: (type: number, format?: "text" | "binary") =>
    type === bigint ? Number : (pg.types.getTypeParser(type, format) as (text: string) => unknown),
};

async function serverBook(server: string): Promise<Book> {
  const { url, drop } = await emptyDatabase(server);
  const pool = new pg.Pool({ connectionString: url, max: 1, types });
  // A connection of ours that is cut with the portal's is opened again by the next question.
  pool.on("error", () => undefined);
  const name = new URL(url).pathname.slice(1);
  return {
    environment: { DATABASE_URL: url },
    all: async (sql, schema) => z.array(schema).parse((await pool.query(sql)).rows),
    async isBegun() {
      const tables = await pool.query("select 1 from pg_tables where schemaname = 'public'");
      return tables.rows.length > 0;
    },
    cut: () =>
      administer(
        server,
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`,
      ),
    async close() {
      await pool.end();
      await drop();
    },
  };
}
