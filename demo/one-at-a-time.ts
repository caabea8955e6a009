import Database from "better-sqlite3";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";

/** What nobody holds is collected, and its lock with it. */
const held = new Set<Database.Database>();

/**
 * Keeps a folder for this process until it lets go or ends: a second demo there would start afresh under
 * the first one's feet. Null: another process has it.
 */
export function keepForOneself(folder: string): { letGo: () => void } | null {
  mkdirSync(dirname(folder), { recursive: true });
  // Beside the folder, which is removed; SQLite's lock ends with the process, however it ends.
  const lock = new Database(`${folder}.lock`, { timeout: 0 });
  try {
    lock.exec("begin exclusive");
  } catch (error) {
    lock.close();
    if (error instanceof Database.SqliteError && error.code === "SQLITE_BUSY") return null;
    throw error;
  }
  held.add(lock);
  return {
    letGo() {
      held.delete(lock);
      lock.close();
    },
  };
}
