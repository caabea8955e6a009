import Database from "better-sqlite3";
import {
  type DatabaseConnection,
  Kysely,
  SqliteAdapter,
  SqliteDialect,
  type SqliteDatabase,
  SqliteDriver,
  type SqliteStatement,
} from "kysely";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { Databases, Db, OnSyncFailure } from "./connect.ts";
import type { Schema } from "./schema.ts";
import { WriteTurn } from "./write-turn.ts";

/** Opens a `file:` database, creating its folder. Throws when durability is not what it must be. */
export function connectSqlite(
  url: string,
  { onSyncFailure, turn = new WriteTurn() }: { onSyncFailure: OnSyncFailure; turn?: WriteTurn },
): Databases {
  const file = fileOf(url);
  mkdirSync(dirname(file), { recursive: true });
  const writing = open(file, { readonly: false });
  const reading = open(file, { readonly: true });
  const writer = kysely(writing, onSyncFailure, turn);
  const db = kysely(reading, onSyncFailure);
  return {
    writer,
    queues: writer,
    db,
    owner: writer,
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
  // 160 MB: a checkpoint writes each changed page once, so a longer log means fewer writes under load.
  sqlite.pragma("wal_autocheckpoint = 40000");
  const mode = sqlite.pragma("journal_mode", { simple: true });
  const synchronous = sqlite.pragma("synchronous", { simple: true });
  if (mode !== "wal" || synchronous !== 2) {
    throw new Error(`The database is not durable: journal ${mode}, synchronous ${synchronous}`);
  }
  return sqlite;
}

function kysely(sqlite: Database.Database, onSyncFailure: OnSyncFailure, turn?: WriteTurn): Db {
  const database = prepareOnce(sqlite, onSyncFailure);
  const db = new Kysely<Schema>({ dialect: new Dialect(database, turn) });
  const { adapter } = db.getExecutor();
  engines.set(adapter, database);
  if (sqlite.readonly) arrays.set(adapter, prepareArrays(sqlite));
  return db;
}

class Dialect extends SqliteDialect {
  readonly #driver: SqliteDriver;

  constructor(database: SqliteDatabase, turn?: WriteTurn) {
    super({ database });
    this.#driver = turn ? new WritingDriver(database, turn) : new SqliteDriver({ database });
  }

  override createDriver(): SqliteDriver {
    return this.#driver;
  }

  override createAdapter(): SqliteAdapter {
    return new Adapter();
  }
}

/** SQLite makes tables in transactions; Kysely's migrations know that of other engines only. */
class Adapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/** Each transaction, and each statement outside of one, waits for its thread's turn first. */
class WritingDriver extends SqliteDriver {
  readonly #turn: WriteTurn;

  constructor(database: SqliteDatabase, turn: WriteTurn) {
    super({ database });
    this.#turn = turn;
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    const connection = await super.acquireConnection();
    await this.#turn.take();
    return connection;
  }

  override async releaseConnection(): Promise<void> {
    this.#turn.leave();
    await super.releaseConnection();
  }
}

/** By the adapter, which a database shares with its transactions. */
const engines = new WeakMap<object, SqliteDatabase>();

/**
 * The engine itself, where a statement may go to it without waiting its turn: inside a transaction,
 * which has the connection to itself, and on a read-only connection. Undefined elsewhere.
 */
export function engineOf(db: Db): SqliteDatabase | undefined {
  const engine = engines.get(db.getExecutor().adapter);
  return engine && (db.isTransaction || readOnly.has(engine)) ? engine : undefined;
}

const readOnly = new WeakSet<SqliteDatabase>();

/**
 * Rows as arrays, straight from the engine of a read-only connection: for who reads a whole table.
 * Undefined for any other connection.
 */
export function arraysOf(db: Db, sql: string, parameters: unknown[]): unknown[][] | undefined {
  const statements = arrays.get(db.getExecutor().adapter);
  return statements?.(sql).all(...parameters);
}

const arrays = new WeakMap<object, (sql: string) => Database.Statement<unknown[], unknown[]>>();

/**
 * Keeps prepared statements, since Kysely prepares anew for each call. A transaction begins
 * IMMEDIATE: one that reads first and writes later could otherwise fail as busy half-way.
 */
function prepareOnce(sqlite: Database.Database, onSyncFailure: OnSyncFailure): SqliteDatabase {
  const statements = new Map<string, Prepared>();
  const nothing = sqlite.prepare("select 1 where 0");
  const database: SqliteDatabase = {
    close: () => sqlite.close(),
    prepare(sql) {
      // A full disk ends a transaction by itself: ending it again would fail and hide the reason.
      if (endsTransaction.test(sql) && !sqlite.inTransaction) return nothing;
      const kept = statements.get(sql);
      if (kept && !kept.statement.busy) return kept.guarded;
      const immediate = sql === "begin" && !sqlite.readonly;
      const statement = sqlite.prepare<unknown[]>(immediate ? "begin immediate" : sql);
      if (statements.size > 500) statements.clear();
      const guarded = guard(statement, onSyncFailure);
      statements.set(sql, { statement, guarded });
      return guarded;
    },
  };
  if (sqlite.readonly) readOnly.add(database);
  return database;
}

function prepareArrays(sqlite: Database.Database) {
  const statements = new Map<string, Database.Statement<unknown[], unknown[]>>();
  return (sql: string) => {
    const kept = statements.get(sql);
    if (kept) return kept;
    const statement = sqlite.prepare<unknown[], unknown[]>(sql).raw(true);
    statements.set(sql, statement);
    return statement;
  };
}

type Prepared = { statement: Database.Statement<unknown[]>; guarded: SqliteStatement };

const endsTransaction = /^(rollback|release)\b/;

/** Tells of a failed fsync wherever it shows: what comes after it may not be kept either. */
function guard(statement: Database.Statement<unknown[]>, onFailure: OnSyncFailure) {
  function told<Result>(run: () => Result): Result {
    try {
      return run();
    } catch (error) {
      const code = error instanceof Database.SqliteError ? error.code : "";
      if (/^SQLITE_IOERR_(DIR_)?FSYNC$/.test(code)) onFailure(error);
      throw error;
    }
  }
  return {
    reader: statement.reader,
    all: (parameters: readonly unknown[]) => told(() => statement.all(parameters)),
    run: (parameters: readonly unknown[]) => told(() => statement.run(parameters)),
    iterate: (parameters: readonly unknown[]) => statement.iterate(parameters),
  };
}
