import type { Logger } from "pino";
import type { Db } from "#db/connect.ts";
import type { Config } from "./config.ts";
import type { Clock } from "#domain/time.ts";
import type { Committed } from "./ledger/committed.ts";

/** What the ledger and the queries need; built once, travels everywhere. */
export interface Context {
  config: Config;
  clock: Clock;
  log: Logger;
  /** Read-only. */
  db: Db;
  /** Its transactions are serial, and may run again. Inside a transaction use only `trx`. */
  writer: Db;
  /** Writes beside the ledger. */
  queues: Db;
  /** Stores what arrives; nobody may be told that it is stored before `synced`. */
  arrivals: Db;
  /** As `writer`, but nothing may be told or sent because of what it commits before `synced`. */
  unsynced: Db;
  /** Resolves when all that was committed until now is durable. */
  synced(): Promise<void>;
  /** Says what was committed: live and the dispatchers listen. */
  committed: Committed;
}
