import Database from "better-sqlite3";

/** `SQLITE_FULL` and its like; empty for an error that is not the database's. */
export function sqliteCode(error: unknown): string {
  return error instanceof Database.SqliteError ? error.code : "";
}
