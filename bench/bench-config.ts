import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readConfig } from "#server/config.ts";
import { secret } from "./messages.ts";

export const appSecret = "a secret for measuring that is long enough";

/** The configuration of every portal that is measured; it writes the connections file into the folder. */
export function benchConfig(folder: string, databaseUrl = "") {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "connections.json");
  writeFileSync(file, JSON.stringify(connections));
  return readConfig({
    NODE_ENV: "production",
    APP_SECRET: appSecret,
    PUBLIC_URL: "http://localhost:0",
    PORT: "0",
    DATA_DIR: folder,
    DATABASE_URL: databaseUrl,
    CONNECTIONS_FILE: file,
    LOG_LEVEL: "error",
    SMTP_URL: "smtp://127.0.0.1:9",
  });
}

export const connections = [
  { id: "erp", system: "standard-webhooks", secrets: { webhookSecret: secret } },
  { id: "stripe", system: "stripe", secrets: { webhookSecret: secret } },
];
