import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { readConfig } from "#server/config.ts";
import { openContext } from "#server/open-context.ts";
import { builtPages } from "#server/http/pages.ts";
import { makeDailyCheckpoint } from "#server/proofs/make-checkpoint.ts";
import { startPortal } from "#server/start.ts";
import { spawnErp } from "./erp-process.ts";
import { freePort } from "./free-port.ts";
import { seedDemo } from "./seed.ts";
import { connectionId } from "./stage.ts";

export interface DemoOptions {
  /** Where the databases of portal and ERP lie. */
  folder: string;
  /** Of the portal; missing: a file in the folder. */
  databaseUrl?: string;
  /** Go on with what is there instead of starting afresh. */
  keep: boolean;
  portalPort: number;
  erpPort: number;
  /** About how many invoices. */
  count: number;
  /** Whether the ERP makes changes by itself. */
  keepBusy: boolean;
  say: (line: string) => void;
}

/** Seeds and starts portal and ERP side by side. `close` stops both. */
export async function runDemo(options: DemoOptions) {
  const { folder, say } = options;
  if (!options.keep) await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const secrets = { webhook: newSecret(), writeBack: newSecret(), fetchToken: newSecret() };
  const portalPort = await freePort(options.portalPort);
  const erpPort = await freePort(options.erpPort);
  const connectionsFile = join(folder, "connections.json");
  await writeSecretly(connectionsFile, [erpConnection(erpPort, secrets)]);
  const config = readConfig({
    PORT: String(portalPort),
    DATA_DIR: folder,
    DATABASE_URL: options.databaseUrl,
    CONNECTIONS_FILE: connectionsFile,
    OUTBOUND_ALLOW: "127.0.0.0/8",
    MAIL_FROM: "Kestrel Anodizing <invoices@kestrel.example>",
    LOG_LEVEL: "warn",
  });
  const erpFile = join(folder, "erp.db");
  if (!existsSync(erpFile)) {
    say("Writing 18 months of invoices …");
    const { context, close } = await openContext(config);
    const now = new Date();
    const seeding = { context, erpFile, webhookSecret: secrets.webhook, now };
    const { invoices } = await seedDemo({ ...seeding, seed: 20_26, count: options.count });
    await close();
    say(`${invoices} invoices are in the ledger.`);
  }
  const portal = await startPortal({ config, pages: builtPages });
  await makeDailyCheckpoint(portal.portal);
  const erp = await spawnErp({
    port: erpPort,
    portalUrl: `http://127.0.0.1:${portalPort}`,
    connectionId,
    webhookSecret: secrets.webhook,
    writeBackSecret: secrets.writeBack,
    fetchToken: secrets.fetchToken,
    dataFile: erpFile,
    keepBusy: options.keepBusy,
  });
  return {
    url: portal.url,
    erpUrl: erp.url,
    portal: portal.portal,
    async close() {
      await erp.close();
      await portal.close();
    },
  };
}

function newSecret(): string {
  return `whsec_${randomBytes(32).toString("base64")}`;
}

function erpConnection(
  erpPort: number,
  secrets: { webhook: string; writeBack: string; fetchToken: string },
) {
  const base = `http://127.0.0.1:${erpPort}`;
  return {
    id: connectionId,
    system: "standard-webhooks",
    name: "Kestrel ERP",
    settings: { writeBackUrl: `${base}/write-back`, fetchUrl: `${base}/api` },
    secrets: {
      webhookSecret: secrets.webhook,
      writeBackSecret: secrets.writeBack,
      fetchToken: secrets.fetchToken,
    },
  };
}

/** For this user alone: other programs of the machine would find the secrets in it. */
function writeSecretly(file: string, content: unknown): Promise<void> {
  return writeFile(file, JSON.stringify(content, null, 2), { mode: 0o600 });
}
