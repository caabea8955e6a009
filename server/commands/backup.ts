import Database from "better-sqlite3";
import type { Command } from "commander";
import { chmodSync, existsSync, mkdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { connect, isPostgresUrl } from "#db/connect.ts";
import { fileOf } from "#db/sqlite.ts";
import { toInstant } from "#domain/time.ts";
import { RequestError } from "#server/errors.ts";
import { verifyLedger } from "#server/ledger/verify/verify.ts";
import type { Portal } from "#server/portal-context.ts";
import type { Run } from "./open.ts";

/** `backup`: a whole, checked copy of the database while the server runs. */
export function addBackupCommand(program: Command, run: Run): void {
  program
    .command("backup")
    .description("copy the database while the server runs, and check the copy")
    .option("--to <file>", "default: DATA_DIR/backups/portal-<time>.db")
    .action((options: { to?: string }) => run((portal) => backup(portal, options.to)));
}

async function backup({ config, clock }: Portal, to?: string) {
  if (isPostgresUrl(config.databaseUrl)) throw new RequestError(409, usePostgresTools);
  const stamp = toInstant(clock()).replace(/[:.]/g, "-");
  const file = to ?? join(config.dataDir, "backups", `portal-${stamp}.db`);
  if (existsSync(file))
    throw new RequestError(409, `${file} exists: a backup never replaces a file`);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const source = new Database(fileOf(config.databaseUrl), { readonly: true });
  try {
    // In one step, from a snapshot that writers do not disturb: page by page, each of their commits would
    // make SQLite begin the copy anew, and beside a busy portal it would never end.
    await source.backup(file, { progress: () => allPages });
  } finally {
    source.close();
  }
  // It holds every customer's data.
  chmodSync(file, 0o600);
  const { events } = await check(file);
  const bytes = statSync(file).size;
  return {
    data: { file, bytes, events },
    text: `${file}: ${bytes} bytes, ${events} events, checked`,
  };
}

const allPages = 2 ** 30;

const usePostgresTools =
  "PostgreSQL is copied by its own tools: pg_dump --format=custom, or continuous archiving of its log. " +
  "See docs/operations.md; afterwards run `ledger verify` on the restored copy.";

/** Opens the copy as a portal would, and verifies pages and hashes. Throws when it cannot be relied on. */
async function check(file: string) {
  const sqlite = new Database(file);
  const answer = sqlite.pragma("integrity_check", { simple: true });
  sqlite.close();
  if (answer !== "ok") throw new Error(`The copy is damaged: ${String(answer)}`);
  const copy = connect(`file:${file}`);
  try {
    const verdict = await verifyLedger(copy.db);
    if (verdict.ok) return verdict;
    const { sequence, reason } = verdict.firstBad ?? { sequence: 0, reason: "unknown" };
    throw new Error(`The ledger in the copy fails at event ${sequence}: ${reason}`);
  } finally {
    await copy.close();
  }
}
