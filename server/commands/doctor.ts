import { statfsSync, statSync } from "node:fs";
import type { Command } from "commander";
import { createTransport } from "nodemailer";
import { queueState } from "#db/queries/deliveries.ts";
import { outboxState } from "#db/queries/outbox-state.ts";
import { isPostgresUrl } from "#db/connect.ts";
import { fileOf } from "#db/sqlite.ts";
import { countOlder } from "#server/reseal.ts";
import { toInstant } from "#domain/time.ts";
import type { Portal } from "#server/portal-context.ts";
import { adviceOn, ignoredProxyOf } from "#server/http/untrusted-proxy.ts";
import { lookAtDatabase } from "./look-at-database.ts";
import type { Run } from "./open.ts";

interface Check {
  name: string;
  ok: boolean;
  words: string;
}

const leastFreeBytes = 1024 ** 3;

/** `doctor`: what an operator would look at first; exit code 1 when something needs a hand. */
export function addDoctorCommand(program: Command, run: Run): void {
  program
    .command("doctor")
    .description("check database, disk, queues, mail and connections")
    .action(() =>
      run(
        async (portal) => {
          const checks: Check[] = [];
          for (const [name, look] of looks) checks.push(await examine(name, () => look(portal)));
          for (const { id, name } of portal.connections.list()) {
            checks.push(await examine(`connection ${id}`, () => testOf(portal, id, name)));
          }
          const ok = checks.every((check) => check.ok);
          const lines = checks.map(
            (check) => `${check.ok ? "ok " : "BAD"}  ${check.name}: ${check.words}`,
          );
          return { data: { ok, checks }, text: lines.join("\n"), ok };
        },
        { opensSecrets: true },
      ),
    );
}

type Finding = Omit<Check, "name">;

/** The day on which each of Node's long-term lines ends (nodejs.org, "Releases"). */
const nodeEnds: Record<number, string> = { 20: "2026-04-30", 22: "2027-04-30", 24: "2028-04-30" };

/** Runs on, but holes in Node are not mended any more: that is said, and is no fault of the portal's. */
export function lookAtNode({ clock }: Pick<Portal, "clock">, version = process.version): Finding {
  const ends = nodeEnds[Number(/^v(\d+)\./.exec(version)?.[1])];
  const hasEnded = ends !== undefined && toInstant(clock()).slice(0, 10) > ends;
  const words = hasEnded
    ? `${version} has had no security fixes since ${ends}: take a newer line, such as 24`
    : version;
  return { ok: true, words };
}

const looks: [string, (portal: Portal) => Promise<Finding> | Finding][] = [
  ["database", lookAtDatabase],
  ["disk", lookAtDisk],
  ["node", (portal) => lookAtNode(portal)],
  ["deliveries", lookAtDeliveries],
  ["outbox", lookAtOutbox],
  ["mail", lookAtMail],
  ["address", lookAtAddress],
  ["proxy", lookAtProxy],
  ["secrets", lookAtSecrets],
  ["rights", lookAtRights],
];

/** A look that fails is a finding too, in the words of its error. */
async function examine(name: string, look: () => Promise<Finding> | Finding): Promise<Check> {
  try {
    return { name, ...(await look()) };
  } catch (error) {
    return { name, ok: false, words: error instanceof Error ? error.message : String(error) };
  }
}

function lookAtDisk({ config }: Portal): Finding {
  if (isPostgresUrl(config.databaseUrl)) {
    return { ok: true, words: "the database server's own; nothing is kept in DATA_DIR" };
  }
  const { bavail, bsize } = statfsSync(config.dataDir);
  const free = bavail * bsize;
  const words = `${Math.round(free / 1024 ** 2)} MiB free in ${config.dataDir}`;
  return { ok: free >= leastFreeBytes, words };
}

async function lookAtDeliveries({ db }: Portal): Promise<Finding> {
  const { waiting, dead } = await queueState(db);
  return { ok: dead === 0, words: `${waiting} waiting, ${dead} dead` };
}

async function lookAtOutbox({ db }: Portal): Promise<Finding> {
  const states = await outboxState(db);
  const words = states.map(
    ({ kind, waiting, parked }) => `${kind}: ${waiting} waiting, ${parked} parked`,
  );
  return { ok: states.every(({ parked }) => parked === 0), words: words.join("; ") };
}

async function lookAtMail({ config }: Portal): Promise<Finding> {
  if (config.smtpUrl === undefined) {
    const words = "no SMTP_URL: mail is caught for /dev/mail, and waits in production";
    return { ok: !config.production, words };
  }
  const relay = createTransport({ url: config.smtpUrl, connectionTimeout: 10_000 });
  try {
    await relay.verify();
    return { ok: true, words: "the relay answers and lets us in" };
  } finally {
    relay.close();
  }
}

/** The server's start seals anew; a look must not, since the server may still know the older one alone. */
async function lookAtSecrets(portal: Portal): Promise<Finding> {
  const count = await countOlder(portal);
  if (count > 0) {
    const words = `${count} sealed under an older APP_SECRET: start the portal with this one to seal anew`;
    return { ok: false, words };
  }
  if (portal.config.appSecrets.length === 1) {
    return { ok: true, words: "everything is sealed under APP_SECRET" };
  }
  const words =
    "everything is sealed under the first of APP_SECRET. The older ones may go when nobody needs what " +
    "they signed: sessions (14 days) and the stop links of older mails";
  return { ok: true, words };
}

/** The database file holds every customer's data. */
function lookAtRights({ config }: Portal): Finding {
  if (isPostgresUrl(config.databaseUrl) || process.platform === "win32") {
    return { ok: true, words: "no file of ours holds customers' data" };
  }
  const file = fileOf(config.databaseUrl);
  const mode = statSync(file).mode & 0o777;
  if ((mode & 0o077) === 0) return { ok: true, words: `${file} is for its owner alone` };
  return {
    ok: false,
    words: `others on this machine can read ${file}: chmod 600 it and its -wal and -shm`,
  };
}

function lookAtAddress({ config }: Portal): Finding {
  const isLocal = /\/\/(localhost|127\.)/.test(config.publicUrl);
  const words = isLocal && config.production ? "PUBLIC_URL is this machine only" : config.publicUrl;
  return { ok: !(isLocal && config.production), words };
}

async function lookAtProxy(portal: Portal): Promise<Finding> {
  const { publicUrl, trustedProxies } = portal.config;
  const ignored = await ignoredProxyOf(portal, portal.config);
  if (ignored !== null) return { ok: false, words: adviceOn(ignored) };
  if (trustedProxies.length > 0) return { ok: true, words: trustedProxies.join(", ") };
  const hint = publicUrl.startsWith("https:") ? ": a proxy in front has to be named there" : "";
  return { ok: true, words: `TRUSTED_PROXIES is empty${hint}` };
}

async function testOf({ connections }: Portal, id: string, name: string): Promise<Finding> {
  if (connections.get(id)?.pausedAt) return { ok: true, words: `${name} is paused` };
  return { ok: true, words: await connections.test(id) };
}
