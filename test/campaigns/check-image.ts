import { readConfig } from "#server/config.ts";
import { rebuild } from "#server/ledger/rebuild.ts";
import { verifyLedger } from "#server/ledger/verify/verify.ts";
import { openContext } from "#server/open-context.ts";

/**
 * Opens a database as the portal's start does: which acknowledged deliveries are not there, and what
 * else is wrong with it. `thoroughly` compares the projections with a replay, too.
 */
export async function checkImage(
  folder: string,
  acknowledged: ReadonlySet<string>,
  thoroughly: boolean,
): Promise<{ lost: string[]; wrong: string[] }> {
  const config = readConfig({
    NODE_ENV: "test",
    DATA_DIR: folder,
    APP_SECRET: "a secret of the tests that is long enough",
    LOG_LEVEL: "silent",
  });
  try {
    const { context, close } = await openContext(config);
    try {
      const rows = await context.db.selectFrom("deliveries").select("dedupe_key").execute();
      const stored = new Set(rows.map(({ dedupe_key }) => dedupe_key));
      const lost = [...acknowledged].filter((id) => !stored.has(id));
      const wrong: string[] = [];
      const verdict = await verifyLedger(context.db);
      if (!verdict.ok) wrong.push(`the chain is broken: ${JSON.stringify(verdict.firstBad)}`);
      if (thoroughly) {
        const { differences } = await rebuild(context);
        for (const [table, count] of Object.entries(differences)) {
          if (count > 0) wrong.push(`${count} rows of ${table} are not what the events say`);
        }
      }
      return { lost, wrong };
    } finally {
      await close();
    }
  } catch (error) {
    return { lost: [], wrong: [`it could not be opened: ${String(error)}`] };
  }
}
