import { pino, type Logger } from "pino";
import { connect, type OnSyncFailure } from "#db/connect.ts";
import { migrate } from "#db/migrate.ts";
import type { Config } from "./config.ts";
import type { Context } from "./context.ts";
import type { Clock } from "./domain/time.ts";
import { Committed } from "./ledger/committed.ts";

/** Secrets may stand in objects that somebody logs whole. */
const secret = ["authorization", "cookie", "password", "secret", "secrets", "token", "appSecrets"];

/** Opens and migrates the database: the context of the server and of each command. */
export async function openContext(
  config: Config,
  clock: Clock = () => new Date(),
  onSyncFailure: OnSyncFailure = () => {},
) {
  const log = createLogger(config);
  const { writer, queues, db, owner, close } = connect(config.databaseUrl, (error) => {
    log.fatal({ err: error }, "the disk did not keep what was written");
    onSyncFailure(error);
  });
  const applied = await migrate(owner);
  for (const migration of applied) log.info({ migration }, "the database was migrated");
  const context: Context = { config, clock, log, db, writer, queues, committed: new Committed() };
  return { context, close };
}

function createLogger({ logLevel }: Config): Logger {
  const paths = secret.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);
  return pino({ level: logLevel, redact: { paths, censor: "[redacted]" } });
}
