import type { Kysely } from "kysely";
import { connectPostgres } from "./postgres.ts";
import type { Schema } from "./schema.ts";
import { connectSqlite } from "./sqlite.ts";
import type { WriteTurn } from "./write-turn.ts";

export type Db = Kysely<Schema>;

/** The ways into one database, by what they are for. On SQLite all that write are one connection. */
export interface Databases {
  /**
   * Writes. Its transactions are serial, on PostgreSQL across processes too, so that whoever appends to
   * the ledger may read first. There a transaction that clashed runs its function again.
   */
  writer: Db;
  /**
   * Writes that the ledger has no part in. On PostgreSQL they do not wait for it; on SQLite the thread
   * does not wait for the disk.
   */
  queues: Db;
  /**
   * Stores what arrives: as `queues`, but on SQLite durable only when `synced` says so. Recording begins
   * meanwhile: what it commits stands behind this in the log, and cannot outlive it.
   */
  arrivals: Db;
  /**
   * As `writer`, but on SQLite a commit may still be lost with the power until `synced` says otherwise:
   * nothing may be told or sent because of it before. For who goes on writing while the disk is busy.
   */
  unsynced: Db;
  /** Resolves when all that was committed until now is durable. Throws SyncFailure. */
  synced(): Promise<void>;
  /** Reads only: for loaders. */
  db: Db;
  /** May change tables: for migrations. */
  owner: Db;
  close(): Promise<void>;
}

/** Called with the error of an fsync that failed, before whoever wrote is told. */
export type OnSyncFailure = (error: unknown) => void;

export interface ConnectOptions {
  onSyncFailure?: OnSyncFailure;
  /** Shared with the other threads that write to the same file. */
  turn?: WriteTurn;
  /** False where somebody else copies SQLite's log into the database file (`openLog`). */
  emptiesLog?: boolean;
}

/** Opens the database that an address names: `file:` for SQLite, `postgres:` for PostgreSQL. */
export function connect(
  url: string,
  { onSyncFailure = () => {}, ...options }: ConnectOptions = {},
): Databases {
  return isPostgresUrl(url)
    ? connectPostgres(url)
    : connectSqlite(url, { onSyncFailure, ...options });
}

export function isPostgresUrl(url: string): boolean {
  return /^postgres(ql)?:/.test(url);
}
