import Database from "better-sqlite3";
import { fileOf } from "./sqlite.ts";
import type { WriteTurn } from "./write-turn.ts";

/**
 * Copies SQLite's write-ahead log into the database file. SQLite itself does so inside some commit, and
 * that one then lasts for hundreds of milliseconds. Here most is copied while others write. What they
 * wrote meanwhile is copied in their stead, in a turn of one's own: only when nothing is left does the
 * next of them begin the log anew instead of making it longer.
 */
export function openLog(url: string, turn: WriteTurn) {
  const sqlite = new Database(fileOf(url));
  sqlite.pragma("synchronous = FULL");
  const copy = () => sqlite.pragma("wal_checkpoint(PASSIVE)");
  let seen: unknown;
  return {
    /** Throws a SqliteError when the disk fails; what was copied until then stays copied. */
    async empty(): Promise<void> {
      const version = sqlite.pragma("data_version", { simple: true });
      if (version === seen) return;
      copy();
      // Again, for what was written during the first: the turn is then a matter of milliseconds.
      copy();
      await turn.take();
      try {
        copy();
        seen = sqlite.pragma("data_version", { simple: true });
      } finally {
        turn.leave();
      }
    },
    close: () => sqlite.close(),
  };
}
