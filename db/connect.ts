import Database from "better-sqlite3";
import { Kysely, SqliteDialect, type SqliteDatabase } from "kysely";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { Schema } from "./schema.ts";

export type Db = Kysely<Schema>;

export interface Databases {
  /** The process's one write connection; its queue is Kysely's connection lock. */
  writer: Db;
  /** A separate read-only connection for loaders. */
  db: Db;
  /** The file, for commands such as backup. */
  file: string;
  close(): Promise<void>;
}

/** Opens a `file:` database, creating its folder. Throws when durability is not what it must be. */
export function connect(url: string): Databases {
  const file = fileOf(url);
  mkdirSync(dirname(file), { recursive: true });
  const writing = open(file, { readonly: false });
  const reading = open(file, { readonly: true });
  const writer = kysely(writing);
  const db = kysely(reading);
  return {
    writer,
    db,
    file,
    async close() {
      await db.destroy();
      await writer.destroy();
    },
  };
}

/** The path of a `file:` database. Throws for anything else. */
export function fileOf(url: string): string {
  const [, file] = /^file:(.+)$/.exec(url) ?? [];
  if (!file) throw new Error(`DATABASE_URL must look like file:./data/portal.db, not ${url}`);
  return file;
}

/**
 * WAL with synchronous=FULL: with NORMAL, which the driver is compiled with, a power cut loses
 * commits that were already acknowledged. Asserted, because the setting fails silently.
 */
function open(file: string, options: { readonly: boolean }): Database.Database {
  const sqlite = new Database(file, options);
  sqlite.pragma("busy_timeout = 5000");
  if (!options.readonly) sqlite.pragma("journal_mode = WAL");
  sqlite.pragma("synchronous = FULL");
  sqlite.pragma("foreign_keys = ON");
  sqlite.pragma("cache_size = -65536");
  // A checkpoint writes each changed page once: the longer the log, the fewer writes under load.
  sqlite.pragma("wal_autocheckpoint = 8000");
  const mode = sqlite.pragma("journal_mode", { simple: true });
  const synchronous = sqlite.pragma("synchronous", { simple: true });
  if (mode !== "wal" || synchronous !== 2) {
    throw new Error(`The database is not durable: journal ${mode}, synchronous ${synchronous}`);
  }
  return sqlite;
}

function kysely(sqlite: Database.Database): Db {
  return new Kysely<Schema>({ dialect: new SqliteDialect({ database: prepareOnce(sqlite) }) });
}

/**
 * Keeps prepared statements, since Kysely prepares anew for each call. A transaction begins
 * IMMEDIATE: one that reads first and writes later could otherwise fail as busy half-way.
 */
function prepareOnce(sqlite: Database.Database): SqliteDatabase {
  const statements = new Map<string, Database.Statement<unknown[]>>();
  return {
    close: () => sqlite.close(),
    prepare(sql) {
      const kept = statements.get(sql);
      if (kept && !kept.busy) return kept;
      const immediate = sql === "begin" && !sqlite.readonly;
      const statement = sqlite.prepare<unknown[]>(immediate ? "begin immediate" : sql);
      if (statements.size > 500) statements.clear();
      statements.set(sql, statement);
      return statement;
    },
  };
}
