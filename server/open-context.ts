import { pino, type Logger } from "pino";
import { connect, type ConnectOptions } from "#db/connect.ts";
import { migrate } from "#db/migrate.ts";
import type { Config } from "./config.ts";
import type { Context } from "./context.ts";
import type { Clock } from "#domain/time.ts";
import { Committed } from "./ledger/committed.ts";

/** Secrets may stand in objects that somebody logs whole. */
const secret = ["authorization", "cookie", "password", "secret", "secrets", "token", "appSecrets"];

interface OpenOptions extends ConnectOptions {
  clock?: Clock | undefined;
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
  const { clock = () => new Date(), onSyncFailure = () => {}, ...shared } = options;
  const log = createLogger(config);
  const told = (error: unknown) => {
    log.fatal({ err: error }, "the disk did not keep what was written");
    onSyncFailure(error);
  };
  const opened = connect(config.databaseUrl, { ...shared, onSyncFailure: told });
  const { owner, close, ...databases } = opened;
  const context: Context = { config, clock, log, ...databases, committed: new Committed() };
  return { context, owner, close };
}

function createLogger({ logLevel }: Config): Logger {
  const paths = secret.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
  return pino({ level: logLevel, redact: { paths, censor: "[redacted]" } });
}
