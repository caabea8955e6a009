import { sql } from "kysely";
import type { Db } from "#db/connect.ts";
import { isMigrated } from "#db/migrate.ts";
import { isPostgres } from "#db/postgres.ts";

/** What `doctor` says of the database: whether it is of this version, whole, and keeps what it acknowledges. */
export async function lookAtDatabase({ db }: { db: Db }): Promise<{ ok: boolean; words: string }> {
  if (!(await isMigrated(db))) return { ok: false, words: "migrations are missing" };
  const fault = isPostgres(db) ? await faultOfPostgres(db) : await faultOfSqlite(db);
  if (fault !== null) return { ok: false, words: fault };
  const head = await db.selectFrom("ledger_head").select("sequence").executeTakeFirstOrThrow();
  return { ok: true, words: `durable, migrated, intact, ${head.sequence} events` };
}

async function faultOfSqlite(db: Db): Promise<string | null> {
  const { rows } = await sql<{ quick_check: string }>`pragma quick_check`.execute(db);
  const answer = rows[0]?.quick_check ?? "no answer";
  return answer === "ok" ? null : answer;
}

/** Settings of the server that a client cannot change, and who owns the ledger. */
async function faultOfPostgres(db: Db): Promise<string | null> {
  const { rows } = await sql<{ fsync: string; pages: string; owned: boolean }>`
    select current_setting('fsync') as fsync, current_setting('full_page_writes') as pages,
      pg_has_role(current_user, relowner, 'usage') as owned
    from pg_class where oid = 'events'::regclass`.execute(db);
  const [settings] = rows;
  if (settings?.fsync !== "on") return "fsync is off: a power cut loses what was acknowledged";
  if (settings.pages !== "on") return "full_page_writes is off: a power cut can tear pages";
  return settings.owned ? "the portal runs as the owner of the ledger" : null;
}
