import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect as dial, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { createKey } from "#server/access/api-keys.ts";
import { verifyLedger } from "#server/ledger/verify/verify.ts";
import { databaseOf } from "#test/support/database.ts";
import { startTestPortal } from "#test/support/start-portal.ts";
import { invoiceIssued } from "#test/support/standard-event.ts";

/** The way to the database, which can be cut. */
async function startWay(url: string) {
  const way = new URL(url);
  const { port, hostname } = way;
  const sockets = new Set<Socket>();
  let isOpen = true;
  const server = createServer((near) => {
    if (!isOpen) return void near.destroy();
    const far = dial(Number(port), hostname);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.pipe(other);
      socket.on("error", () => other.destroy());
      socket.on("close", () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("No port was given");
  way.port = String(address.port);
  const breakAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: way.href,
    /** Breaks what is open; new connections are taken. */
    breakAll,
    cut() {
      isOpen = false;
      breakAll();
    },
    mend() {
      isOpen = true;
    },
    async close() {
      server.close();
      breakAll();
      await once(server, "close");
    },
  };
}

async function startBehindWay() {
  const dataDir = await mkdtemp(join(tmpdir(), "lost-"));
  const { url, drop } = await databaseOf(dataDir);
  const way = await startWay(url);
  const portal = await startTestPortal({ dataDir, environment: { DATABASE_URL: way.url } });
  return {
    way,
    portal,
    async [Symbol.asyncDispose]() {
      await portal.close();
      await way.close();
      await drop();
      await rm(dataDir, { recursive: true });
    },
  };
}

const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `INV-${from + index}`);

test("without its database the portal says 503 and no more, and goes on by itself when it is back", async () => {
  await using started = await startBehindWay();
  const { portal, way } = started;
  const { key } = await createKey(
    portal.portal,
    { kind: "operator", name: "test" },
    { name: "k", role: "finance" },
  );
  const api = () =>
    fetch(`${portal.url}/api/v1/invoices`, { headers: { authorization: `Bearer ${key}` } });
  const ready = () => fetch(`${portal.url}/readyz`);
  expect((await portal.deliver("erp", invoiceIssued("INV-1"))).status).toBe(204);
  await portal.settled();

  way.cut();
  const refused = await portal.deliver("erp", invoiceIssued("INV-2"));
  expect(refused.status).toBe(503);
  expect(refused.headers.get("retry-after")).not.toBeNull();
  expect((await ready()).status).toBe(503);
  expect((await fetch(`${portal.url}/healthz`)).status).toBe(200);
  const told = await api();
  expect(told.status).toBe(503);
  expect(told.headers.get("retry-after")).not.toBeNull();

  way.mend();
  await vi.waitFor(async () => expect((await ready()).status).toBe(200), { timeout: 20_000 });
  expect((await portal.deliver("erp", invoiceIssued("INV-2"))).status).toBe(204);
  await portal.settled();
  expect((await api()).status).toBe(200);
  expect(await portal.events("INV-2", "invoice.issued")).toHaveLength(1);
  expect(await verifyLedger(portal.portal.db)).toMatchObject({ ok: true });
});

test("connections that break at any moment lose nothing that was acknowledged, and double nothing", async () => {
  await using started = await startBehindWay();
  const { portal, way } = started;
  const acknowledged: string[] = [];
  const send = async (number: string) => {
    for (;;) {
      const { status } = await portal.deliver("erp", invoiceIssued(number), { id: `m-${number}` });
      if (status === 204) return acknowledged.push(number);
      expect(status).toBe(503);
    }
  };
  for (let round = 0; round < 12; round++) {
    const sending = numbers(round * 10, round * 10 + 9).map(send);
    await Promise.race(sending);
    way.breakAll();
    await Promise.all(sending);
  }
  expect(acknowledged).toHaveLength(120);
  await vi.waitFor(() => portal.settled(), { timeout: 20_000 });
  for (const number of acknowledged) {
    expect(await portal.events(number, "invoice.issued"), number).toHaveLength(1);
  }
  expect(await verifyLedger(portal.portal.db)).toMatchObject({
    ok: true,
    events: expect.anything(),
  });
});
