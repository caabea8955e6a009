import Database from "better-sqlite3";

/** What is wrong is the disk or its lock for now, not what was to be written. */
export function isDiskFault(error: unknown): boolean {
  const code = error instanceof Database.SqliteError ? error.code : "";
  return /^SQLITE_(FULL|IOERR|BUSY|READONLY|CANTOPEN)/.test(code);
}
