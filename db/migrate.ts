import { Migrator } from "kysely";
import pg from "pg";
import type { Db } from "./connect.ts";
import * as ledger from "./migrations/0001_ledger.ts";
import * as people from "./migrations/0002_people.ts";
import * as proofs from "./migrations/0003_proofs.ts";
import * as search from "./migrations/0004_search.ts";
import * as customerIndexes from "./migrations/0005_customer_indexes.ts";
import * as pagesOfCustomers from "./migrations/0006_pages_of_customers.ts";
import * as financeNotices from "./migrations/0010_finance_notices.ts";
import * as rejections from "./migrations/0015_rejections.ts";
import * as wordsStay from "./migrations/0016_words_stay.ts";
import * as processors from "./migrations/0017_processors.ts";
import * as invitations from "./migrations/0022_invitations.ts";
import * as searchAnywhere from "./migrations/0028_search_anywhere.ts";
import * as checkpointsOnDemand from "./migrations/0029_checkpoints_on_demand.ts";
import * as mailSuppressions from "./migrations/0032_mail_suppressions.ts";
import * as dismissedDeliveries from "./migrations/0035_dismissed_deliveries.ts";
import * as closedDisputes from "./migrations/0036_closed_disputes.ts";
import * as mailGroups from "./migrations/0037_mail_groups.ts";
import * as senderRefusals from "./migrations/0038_sender_refusals.ts";
import * as missingInvoices from "./migrations/0039_missing_invoices.ts";
import * as keyMakers from "./migrations/0040_key_makers.ts";

const migrations = {
  "0001_ledger": ledger,
  "0002_people": people,
  "0003_proofs": proofs,
  "0004_search": search,
  "0005_customer_indexes": customerIndexes,
  "0006_pages_of_customers": pagesOfCustomers,
  "0010_finance_notices": financeNotices,
  "0015_rejections": rejections,
  "0016_words_stay": wordsStay,
  "0017_processors": processors,
  "0022_invitations": invitations,
  "0028_search_anywhere": searchAnywhere,
  "0029_checkpoints_on_demand": checkpointsOnDemand,
  "0032_mail_suppressions": mailSuppressions,
  "0035_dismissed_deliveries": dismissedDeliveries,
  "0036_closed_disputes": closedDisputes,
  "0037_mail_groups": mailGroups,
  "0038_sender_refusals": senderRefusals,
  "0039_missing_invoices": missingInvoices,
  "0040_key_makers": keyMakers,
};

/** Brings the database to this version, forward only, as its owner. Gives the names of what it applied. */
export async function migrate(owner: Db): Promise<string[]> {
  const migrator = new Migrator({
    db: owner,
    provider: { getMigrations: async () => migrations },
  });
  const { error, results = [] } = await migrator.migrateToLatest();
  if (error instanceof pg.DatabaseError && error.code === insufficientPrivilege) {
    const message = /another portal/.test(error.message) ? error.message : byOwner;
    throw new Error(message, { cause: error });
  }
  if (error !== undefined) throw new Error("The database could not be migrated", { cause: error });
  return results.map((result) => result.migrationName);
}

const insufficientPrivilege = "42501";
const byOwner =
  "The database is of an older version, and only the owner of its tables can migrate it: " +
  "run `npm run portal -- doctor` once with DATABASE_URL naming that role";

/** Whether every migration of this version was applied: part of readiness. */
export async function isMigrated(db: Db): Promise<boolean> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const known = await migrator.getMigrations();
  return known.every((migration) => migration.executedAt !== undefined);
}
