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
import { closeSync, existsSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import type { ConnectOptions, Databases, Db, OnSyncFailure } from "./connect.ts";
import { isSyncFailure } from "./fault.ts";
import type { Schema } from "./schema.ts";
import { createSync } from "./sync-log.ts";
import { WaitingConnection } from "./waiting-connection.ts";
import { WriteTurn } from "./write-turn.ts";

type SqliteOptions = Pick<ConnectOptions, "turn" | "emptiesLog"> & { onSyncFailure: OnSyncFailure };

/** Opens a `file:` database, creating its folder. Throws when durability is not what it must be. */
export function connectSqlite(
  url: string,
  { onSyncFailure, turn = new WriteTurn(), emptiesLog = true }: SqliteOptions,
): Databases {
  const file = fileOf(url);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  // SQLite gives its log the rights of the database file.
  if (!existsSync(file)) closeSync(openSync(file, "a", 0o600));
  const writing = open(file, { readonly: false });
  // 160 MB: each changed page is copied once, so a longer log means fewer writes under load.
  // Waiting for another program's write lock is `WaitingConnection`'s, which does not stop the thread.
  writing.pragma("busy_timeout = 0");
  writing.pragma(`wal_autocheckpoint = ${emptiesLog ? 40_000 : 0}`);
  const reading = open(file, { readonly: true });
  const log = createSync(`${file}-wal`, onSyncFailure);
  const database = prepareOnce(writing, onSyncFailure);
  const writer = kysely(database, new WritingDriver(database, turn));
  const unsynced = kysely(database, new UnsyncedDriver(database, turn, writing));
  const queues = kysely(database, new QueueDriver(database, turn, { sqlite: writing, log }));
  const readable = prepareOnce(reading, onSyncFailure);
  const db = kysely(readable, new SqliteDriver({ database: readable }));
  arrays.set(db.getExecutor().adapter, prepareArrays(reading));
  return {
    writer,
    queues,
    arrivals: unsynced,
    unsynced,
    synced: () => log.sync(),
    db,
    owner: writer,
    async close() {
      await db.destroy();
      log.close();
      await unsynced.destroy();
      await queues.destroy();
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
  const mode = sqlite.pragma("journal_mode", { simple: true });
  const synchronous = sqlite.pragma("synchronous", { simple: true });
  if (mode !== "wal" || synchronous !== 2) {
    throw new Error(`The database is not durable: journal ${mode}, synchronous ${synchronous}`);
  }
  return sqlite;
}

function kysely(database: SqliteDatabase, driver: SqliteDriver): Db {
  const db = new Kysely<Schema>({ dialect: new Dialect(database, driver) });
  engines.set(db.getExecutor().adapter, database);
  return db;
}

class Dialect extends SqliteDialect {
  readonly #driver: SqliteDriver;

  constructor(database: SqliteDatabase, driver: SqliteDriver) {
    super({ database });
    this.#driver = driver;
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
  #connection: DatabaseConnection | undefined;

  constructor(database: SqliteDatabase, turn: WriteTurn) {
    super({ database });
    this.#turn = turn;
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    const connection = await super.acquireConnection();
    await this.#turn.take();
    return (this.#connection ??= new WaitingConnection(connection));
  }

  override async releaseConnection(): Promise<void> {
    this.#turn.leave();
    await super.releaseConnection();
  }
}

/** The same, but a commit does not wait for the disk. */
class UnsyncedDriver extends WritingDriver {
  readonly #sqlite: Database.Database;

  constructor(database: SqliteDatabase, turn: WriteTurn, sqlite: Database.Database) {
    super(database, turn);
    this.#sqlite = sqlite;
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    const connection = await super.acquireConnection();
    this.#sqlite.exec("pragma synchronous = normal");
    return connection;
  }

  override async releaseConnection(): Promise<void> {
    try {
      this.#sqlite.exec("pragma synchronous = full");
    } finally {
      await super.releaseConnection();
    }
  }
}

interface Synced {
  sqlite: Database.Database;
  log: ReturnType<typeof createSync>;
}

/**
 * The disk is waited for beside the thread, after the turn: who stores what arrives also answers pages.
 * A result comes only when it is durable, as from `WritingDriver`.
 */
class QueueDriver extends UnsyncedDriver {
  readonly #log: Synced["log"];

  constructor(database: SqliteDatabase, turn: WriteTurn, { sqlite, log }: Synced) {
    super(database, turn, sqlite);
    this.#log = log;
  }

  override async releaseConnection(): Promise<void> {
    await super.releaseConnection();
    await this.#log.sync();
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

/** Tells of a failed fsync wherever it shows. */
function guard(statement: Database.Statement<unknown[]>, onFailure: OnSyncFailure) {
  function told<Result>(run: () => Result): Result {
    try {
      return run();
    } catch (error) {
      if (isSyncFailure(error)) onFailure(error);
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
