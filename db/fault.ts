import Database from "better-sqlite3";
import pg from "pg";

/** PostgreSQL: connection lost or refused, out of space or connections, shutting down, its disk. */
const unavailable = /^(08|53|58|57P0)|^55P03$|^25P0[34]$/;
const network = /^(ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)/;
/** The driver's own errors carry no code. */
const lost =
  /connection (terminated|error|timeout)|timeout exceeded when trying to connect|not queryable|Cannot use a pool/i;

/** What is wrong is the database, its disk or the way to it for now, not what was to be written. */
export function isDatabaseFault(error: unknown): boolean {
  if (error instanceof SyncFailure) return true;
  if (error instanceof Database.SqliteError) {
    return /^SQLITE_(FULL|IOERR|BUSY|READONLY|CANTOPEN)/.test(error.code);
  }
  if (error instanceof pg.DatabaseError) return unavailable.test(error.code ?? "");
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError) return error.errors.some(isDatabaseFault);
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  const call = "syscall" in error || code === "";
  return (network.test(code) && call) || (code === "" && lost.test(error.message));
}

/** Whatever the database or a file said: it may be otherwise at the next try. */
export function isFromOutside(error: unknown): boolean {
  if (error instanceof Database.SqliteError || error instanceof pg.DatabaseError) return true;
  return isDatabaseFault(error) || (error instanceof Error && "syscall" in error);
}

/** An fsync failed: what comes after it may not be kept either. */
export class SyncFailure extends Error {}

/** The same, and as SQLite tells of its own. */
export function isSyncFailure(error: unknown): boolean {
  if (error instanceof SyncFailure) return true;
  return error instanceof Database.SqliteError && /^SQLITE_IOERR_(DIR_)?FSYNC$/.test(error.code);
}

/** PostgreSQL undid the transaction because of another one: a deadlock, or no serial order. */
export function isClash(error: unknown): boolean {
  return error instanceof pg.DatabaseError && /^40(001|P01)$/.test(error.code ?? "");
}
