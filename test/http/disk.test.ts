import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { Webhook } from "standardwebhooks";
import { expect, test } from "vitest";
import { connect } from "#db/connect.ts";
import { freePort } from "#demo/free-port.ts";
import { startTestPortal, type TestPortal, webhookSecret } from "#test/support/start-portal.ts";
import { invoiceIssued } from "#test/support/standard-event.ts";

/** Lets the database grow by so many pages and no further, as a disk with so much room would. */
async function leaveRoom({ portal }: TestPortal, pages: number): Promise<void> {
  const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(portal.writer);
  const most = (rows[0]?.page_count ?? 0) + pages;
  await sql`pragma max_page_count = ${sql.lit(most)}`.execute(portal.writer);
}

const numbers = Array.from({ length: 40 }, (_, index) => `INV-${index + 1}`);
const description = "steel ".repeat(5000);

/** Sends each invoice once, as its system would send it again. */
function deliverAll(portal: TestPortal) {
  return Promise.all(
    numbers.map((number) =>
      portal.deliver("erp", invoiceIssued(number, { description }), { id: `msg_${number}` }),
    ),
  );
}

test("a full disk refuses with 503 and a time to come back, loses nothing and recovers by itself", async () => {
  await using portal = await startTestPortal();
  await portal.deliver("erp", invoiceIssued("INV-0"));
  await portal.settled();
  await leaveRoom(portal, 100);
  const first = await deliverAll(portal);
  const answers = [...first, ...(await deliverAll(portal)), ...(await deliverAll(portal))];
  expect(answers.filter(({ status }) => status === 204).length).toBeGreaterThan(0);
  const refused = answers.filter(({ status }) => status !== 204);
  expect(refused.length).toBeGreaterThan(0);
  for (const { status, headers } of refused) {
    expect([status, headers.get("retry-after")]).toEqual([503, "30"]);
  }
  expect((await fetch(`${portal.url}/healthz`)).status).toBe(200);

  await leaveRoom(portal, 1_000_000);
  for (const { status } of await deliverAll(portal)) expect(status).toBe(204);
  await portal.settled();
  const issued = await portal.events(undefined, "invoice.issued");
  expect(issued).toHaveLength(numbers.length + 1);
  const { db } = portal.portal;
  const dead = db.selectFrom("deliveries").select("error").where("dead_at", "is not", null);
  expect(await dead.execute()).toEqual([]);
});

/** The server as a process of its own whose fsync fails on demand. */
async function startFailing(folder: string) {
  const library = join(folder, "fail-sync.so");
  const source = join(import.meta.dirname, "../support/fail-sync.c");
  execFileSync("cc", ["-shared", "-fPIC", "-o", library, source, "-ldl"]);
  const connections = join(folder, "connections.json");
  const erp = { id: "erp", system: "standard-webhooks", secrets: { webhookSecret } };
  await writeFile(connections, JSON.stringify([erp]));
  const port = await freePort(0);
  const url = `http://localhost:${port}`;
  const server = spawn(process.execPath, ["--import", "tsx", "server/main.ts"], {
    cwd: join(import.meta.dirname, "../.."),
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      PATH: process.env["PATH"],
      LD_PRELOAD: library,
      FAIL_SYNC_FILE: join(folder, "fails"),
      NODE_ENV: "production",
      PORT: String(port),
      PUBLIC_URL: url,
      DATA_DIR: folder,
      CONNECTIONS_FILE: connections,
      APP_SECRET: "a secret of the tests that is long enough",
    },
  });
  let log = "";
  server.stdout.on("data", (text: Buffer) => (log += text.toString()));
  const ended = once(server, "exit").then(([code]: (number | null)[]) => code);
  await expect.poll(() => log, { timeout: 20_000 }).toContain("the portal listens");
  return { url, server, ended };
}

function send(url: string, number: string) {
  const body = JSON.stringify(invoiceIssued(number));
  const [id, at] = [`msg_${number}`, new Date()];
  return fetch(`${url}/webhooks/erp`, {
    method: "POST",
    body,
    headers: {
      "content-type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
      "webhook-signature": new Webhook(webhookSecret).sign(id, at, body),
    },
  });
}

test.runIf(process.platform === "linux")(
  "a failed fsync is not answered with success and ends the process; the next start goes on",
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "disk-"));
    const first = await startFailing(folder);
    try {
      expect((await send(first.url, "INV-1")).status).toBe(204);
      await writeFile(join(folder, "fails"), "");
      const answer = await send(first.url, "INV-2").catch(() => undefined);
      expect(answer?.status ?? 503).toBe(503);
      expect(await first.ended).toBe(1);
    } finally {
      first.server.kill("SIGKILL");
    }
    await rm(join(folder, "fails"));
    const databases = connect(`file:${folder}/portal.db`);
    const stored = await databases.db.selectFrom("deliveries").select("dedupe_key").execute();
    await databases.close();
    expect(JSON.stringify(stored)).toContain("INV-1");
    await using again = await startTestPortal({ dataDir: folder });
    expect((await again.deliver("erp", invoiceIssued("INV-2"), { id: "msg_INV-2" })).status).toBe(
      204,
    );
    await again.settled();
    expect(await again.events("INV-1", "invoice.issued")).toHaveLength(1);
    expect(await again.events("INV-2", "invoice.issued")).toHaveLength(1);
    await rm(folder, { recursive: true });
  },
  60_000,
);
