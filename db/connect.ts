import type { Kysely } from "kysely";
import type { Schema } from "./schema.ts";
import { connectSqlite } from "./sqlite.ts";
import type { WriteTurn } from "./write-turn.ts";

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

/** Called with the error of an fsync that failed, before whoever wrote is told. */
export type OnSyncFailure = (error: unknown) => void;

interface ConnectOptions {
  onSyncFailure?: OnSyncFailure;
  /** Shared with the other threads that write to the same file. */
  turn?: WriteTurn;
}

/** Opens the database that the address names. Throws when it is none that is known. */
export function connect(
  url: string,
  { onSyncFailure = () => {}, ...options }: ConnectOptions = {},
): Databases {
  return connectSqlite(url, { onSyncFailure, ...options });
}
