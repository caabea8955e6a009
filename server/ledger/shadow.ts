import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { sql } from "kysely";
import { connect, type Db, isPostgresUrl } from "#db/connect.ts";
import { migrate } from "#db/migrate.ts";
import type { Config } from "#server/config.ts";

/** Empty projections beside the real ones. */
export interface Shadow {
  /** Writes the shadow's tables by their ordinary names. */
  db: Db;
  /** Sees both, by the schemas below. */
  both: Db;
  real: string;
  rebuilt: string;
}

/** Makes a shadow, hands it to `work` and removes it. */
export function withShadow<Result>(
  config: Config,
  work: (shadow: Shadow) => Promise<Result>,
): Promise<Result> {
  return isPostgresUrl(config.databaseUrl) ? inSession(config, work) : inFile(config, work);
}

/** Another database file, attached to a write connection of its own. */
async function inFile<Result>(
  { databaseUrl, dataDir }: Config,
  work: (shadow: Shadow) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(join(dataDir, "rebuild-"));
  const file = join(folder, "shadow.db");
  const shadow = connect(`file:${file}`);
  const main = connect(databaseUrl);
  try {
    await migrate(shadow.owner);
    await sql`attach database ${file} as shadow`.execute(main.writer);
    return await work({
      db: shadow.writer,
      both: main.writer,
      real: "main",
      rebuilt: "shadow",
    });
  } finally {
    await main.close();
    await shadow.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const shadowed = [
  "customer_records",
  "invoices",
  "disputes",
  "comments",
  "promises",
  "invoice_search",
] as const;

/** Temporary tables of one session, where they stand before the real ones of the same names. */
async function inSession<Result>(
  { databaseUrl }: Config,
  work: (shadow: Shadow) => Promise<Result>,
): Promise<Result> {
  const own = connect(databaseUrl);
  try {
    return await own.queues.connection().execute(async (db) => {
      for (const table of shadowed) {
        const like = sql.table(`public.${table}`);
        await sql`create temp table ${sql.table(table)} (like ${like} including all)`.execute(db);
      }
      return await work({ db, both: db, real: "public", rebuilt: "pg_temp" });
    });
  } finally {
    await own.close();
  }
}
