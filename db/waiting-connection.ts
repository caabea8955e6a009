import Database from "better-sqlite3";
import type { CompiledQuery, DatabaseConnection, QueryResult } from "kysely";
import { setTimeout as pause } from "node:timers/promises";

/** How long a write waits while another program holds the file's write lock. */
const patienceMs = 5_000;
const [shortestPauseMs, longestPauseMs] = [5, 50] as const;

/**
 * A connection that waits for the write lock of another program between tries. SQLite's own busy
 * time-out would wait inside the statement, and with it the thread that answers `/healthz`. Throws
 * SQLITE_BUSY after five seconds. Only a statement that begins a transaction, or stands alone, can be busy.
 */
export class WaitingConnection implements DatabaseConnection {
  readonly #connection: DatabaseConnection;

  constructor(connection: DatabaseConnection) {
    this.#connection = connection;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    let giveUpAt: number | undefined;
    for (let pauseMs: number = shortestPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
      try {
        return await this.#connection.executeQuery<Row>(query);
      } catch (error) {
        if (!isBusy(error)) throw error;
        giveUpAt ??= performance.now() + patienceMs;
        if (performance.now() > giveUpAt) throw error;
        await pause(pauseMs);
      }
    }
  }

  streamQuery<Row>(query: CompiledQuery, rows?: number): AsyncIterableIterator<QueryResult<Row>> {
    return this.#connection.streamQuery<Row>(query, rows);
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code.startsWith("SQLITE_BUSY");
}
