import { mkdirSync } from "node:fs";
import { readConfig } from "#server/config.ts";
import { builtPages } from "#server/pages.ts";
import { startPortal } from "#server/start.ts";
import { email, fill, signIn } from "./pages-data.ts";
import { secret } from "./messages.ts";

/**
 * The portal with one customer's invoices, in a process of its own. Takes a data folder and a number
 * of invoices; prints its address, a session cookie and the connection's secret as one line of JSON.
 */
const [, , folder = ".", invoices = "1000"] = process.argv;
mkdirSync(folder, { recursive: true });
const config = readConfig({
  NODE_ENV: "production",
  APP_SECRET: "a secret for measuring that is long enough",
  PUBLIC_URL: "http://localhost:0",
  PORT: "0",
  DATA_DIR: folder,
  LOG_LEVEL: "error",
  SMTP_URL: "smtp://127.0.0.1:9",
});
const { portal, url } = await startPortal({ config, pages: () => builtPages() });
await portal.connections.applyFile(
  JSON.stringify([{ id: "erp", system: "standard-webhooks", secrets: { webhookSecret: secret } }]),
  () => undefined,
);
await fill(portal, Number(invoices));
console.log(JSON.stringify({ url, cookie: await signIn(portal, email) }));
