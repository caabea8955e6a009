import { pino, type Logger } from "pino";
import { connect, type OnSyncFailure } from "#db/connect.ts";
import { migrate } from "#db/migrate.ts";
import type { WriteTurn } from "#db/write-turn.ts";
import type { Config } from "./config.ts";
import type { Context } from "./context.ts";
import type { Clock } from "./domain/time.ts";
import { Committed } from "./ledger/committed.ts";

/** Secrets may stand in objects that somebody logs whole. */
const secret = ["authorization", "cookie", "password", "secret", "secrets", "token", "appSecrets"];

interface OpenOptions {
  clock?: Clock | undefined;
  onSyncFailure?: OnSyncFailure;
  /** Of the other threads that write to the same database. */
  turn?: WriteTurn;
}

/** Opens and migrates the database: the context of the server and of each command. */
export async function openContext(config: Config, options: OpenOptions = {}) {
  const { owner, ...opened } = openMigrated(config, options);
  const applied = await migrate(owner);
  for (const migration of applied) {
    opened.context.log.info({ migration }, "the database was migrated");
  }
  return opened;
}

/** The same where somebody else has migrated the database: in another thread of the server. */
export function openMigrated(config: Config, options: OpenOptions = {}) {
  const { clock = () => new Date(), onSyncFailure = () => {}, turn } = options;
  const log = createLogger(config);
  const told = (error: unknown) => {
    log.fatal({ err: error }, "the disk did not keep what was written");
    onSyncFailure(error);
  };
  const given = { onSyncFailure: told, ...(turn && { turn }) };
  const { owner, close, ...databases } = connect(config.databaseUrl, given);
  const context: Context = { config, clock, log, ...databases, committed: new Committed() };
  return { context, owner, close };
}

function createLogger({ logLevel }: Config): Logger {
  const paths = secret.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
  return pino({ level: logLevel, redact: { paths, censor: "[redacted]" } });
}
