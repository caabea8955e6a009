import { request } from "node:http";
import { expect, test } from "vitest";
import { standardHeaders } from "#server/connectors/kit/standard-signature.ts";
import { mostSentAhead } from "#server/http/answer-in-turn.ts";
import { bytesPerWindow } from "#server/live/limits.ts";
import { livePath } from "#server/live/path.ts";
import { openConnection, rawSocket } from "#test/support/raw-socket.ts";
import { longestStallMs, stallOf } from "#test/support/stall.ts";
import { invoiceIssued } from "#test/support/standard-event.ts";
import { startTestPortal, webhookSecret, type TestPortal } from "#test/support/start-portal.ts";

/** Sends so many requests in one write. Gives what was answered until the connection ended. */
async function sendAhead({ url }: TestPortal, path: string, count: number): Promise<string> {
  const socket = openConnection(url);
  const { host } = new URL(url);
  const ask = (more = "") => `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${more}\r\n`;
  socket.write(ask().repeat(count - 1) + ask("Connection: close\r\n"));
  let said = "";
  socket.on("data", (chunk: Buffer) => (said += chunk.toString("latin1")));
  await new Promise((resolve) => socket.once("close", resolve));
  return said;
}

const answersIn = (said: string) => said.match(/HTTP\/1\.1 200 OK/g)?.length ?? 0;

test("requests that are sent ahead on one connection are answered in their order, without a stall", async () => {
  await using portal = await startTestPortal();
  await sendAhead(portal, "/sign-in", 1);
  let said = "";
  const stall = await stallOf(async () => {
    said = await sendAhead(portal, "/sign-in", mostSentAhead);
  });
  expect(answersIn(said)).toBe(mostSentAhead);
  expect(stall).toBeLessThan(longestStallMs);
});

test.each(["/sign-in", "/healthz", "/webhooks/erp", "/live/?EIO=4&transport=polling"])(
  "a connection that sends more requests ahead to %s is closed without a stall",
  async (path) => {
    await using portal = await startTestPortal();
    await sendAhead(portal, path, 1);
    let said = "";
    const stall = await stallOf(async () => {
      said = await sendAhead(portal, path, 1_500);
    });
    expect(answersIn(said)).toBeLessThanOrEqual(1);
    expect(stall).toBeLessThan(longestStallMs);
  },
);

test("pages that many connections ask for at once do not stall the others", async () => {
  await using portal = await startTestPortal();
  await sendAhead(portal, "/sign-in", 1);
  const stall = await stallOf(async () => {
    const many = Array.from({ length: 100 }, () => sendAhead(portal, "/sign-in", 1));
    for (const said of await Promise.all(many)) expect(answersIn(said)).toBe(1);
  });
  expect(stall).toBeLessThan(longestStallMs);
});

/** A masked frame without a payload, the mask being zero. */
const empty = (opcode: number) => Buffer.from([opcode, 0x80, 0, 0, 0, 0]);

test.each([
  ["pings", 0x89],
  ["pongs", 0x8a],
  ["parts of a message", 0x00],
])("a live link that sends %s without end is closed without a stall", async (_name, opcode) => {
  await using portal = await startTestPortal();
  const frames = Buffer.concat(Array.from({ length: 200_000 }, () => empty(opcode)));
  let received = 0;
  const stall = await stallOf(async () => {
    const socket = await rawSocket(portal.url);
    const ended = new Promise((resolve) => socket.once("close", resolve));
    if (opcode === 0) socket.write(empty(0x01));
    socket.write(frames);
    await ended;
    received = socket.bytesRead;
  });
  expect(received).toBeLessThan(bytesPerWindow * 4);
  expect(stall).toBeLessThan(longestStallMs);
});

test("forms that are never finished are held up to 16 MiB of one address", async () => {
  await using portal = await startTestPortal();
  const { host } = new URL(portal.url);
  const most = 1_000_000;
  const type = "application/x-www-form-urlencoded";
  const head = `POST /sign-in HTTP/1.1\r\nHost: ${host}\r\nContent-Type: ${type}\r\nContent-Length: ${most}\r\n\r\n`;
  let refused = 0;
  const sockets = Array.from({ length: 40 }, () => {
    const socket = openConnection(portal.url);
    socket.on("data", (said) => (refused += said.toString().startsWith("HTTP/1.1 503") ? 1 : 0));
    socket.write(head + "a".repeat(most - 1));
    return socket;
  });
  await expect.poll(() => refused).toBeGreaterThan(20);
  const body = new URLSearchParams({ email: "nobody@example.com" });
  const init = { method: "POST", body, redirect: "manual" } as const;
  expect((await fetch(`${portal.url}/sign-in`, init)).status).toBe(302);
  for (const socket of sockets) socket.destroy();
});

interface Offer {
  path: string;
  upgrade: string;
  body?: string;
  headers?: Record<string, string>;
}

/** The status of a request that offers to go on with another protocol. */
function offer({ url }: TestPortal, { path, upgrade, body, headers }: Offer) {
  const offered = { connection: "Upgrade, HTTP2-Settings", upgrade, "http2-settings": "AAMAAABk" };
  const method = body === undefined ? "GET" : "POST";
  return new Promise<number | undefined>((resolve, reject) => {
    const asked = request(url + path, { method, headers: { ...offered, ...headers } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    asked.on("error", reject);
    asked.end(body);
  });
}

test.each(["h2c", "foo", "websocket"])(
  "an offer of %s that nobody takes is ignored",
  async (upgrade) => {
    await using portal = await startTestPortal();
    expect(await offer(portal, { path: "/healthz", upgrade })).toBe(200);
    expect(await offer(portal, { path: "/sign-in", upgrade })).toBe(200);
    expect(await offer(portal, { path: "/webhooks/erp", upgrade, body: "{}" })).toBe(401);
  },
);

test("a delivery of a sender that offers h2c is stored, and a live page may poll so", async () => {
  await using portal = await startTestPortal();
  const body = JSON.stringify(invoiceIssued("INV-1"));
  const headers = standardHeaders(webhookSecret, { id: "msg_1", sentAt: new Date(), body });
  const delivery = { path: "/webhooks/erp", upgrade: "h2c", body, headers };
  expect(await offer(portal, delivery)).toBe(204);
  await portal.settled();
  expect(await portal.events("INV-1", "invoice.issued")).toHaveLength(1);
  const polling = { path: `${livePath}/?EIO=4&transport=polling`, upgrade: "h2c" };
  expect(await offer(portal, { ...polling, headers: { origin: portal.url } })).toBe(200);
});
