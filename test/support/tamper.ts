import { sql } from "kysely";
import { connect } from "#db/connect.ts";
import { isPostgres } from "#db/postgres.ts";

/** What a database superuser could do to the ledger: its triggers are dropped first. */
export async function tamper(url: string, statements: string[]): Promise<void> {
  const { owner, close } = connect(url);
  const triggers = isPostgres(owner)
    ? ["drop trigger if exists events_no_change on events"]
    : ["drop trigger if exists events_no_update", "drop trigger if exists events_no_delete"];
  for (const each of [...triggers, ...statements]) await sql.raw(each).execute(owner);
  await close();
}
