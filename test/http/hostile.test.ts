import { io } from "socket.io-client";
import { expect, test } from "vitest";
import { catchUpsPerWindow } from "#server/live/limits.ts";
import { livePath } from "#server/live/path.ts";
import { call, keyOf } from "#test/support/api.ts";
import { rawSocket } from "#test/support/raw-socket.ts";
import { longestStallMs, stallOf } from "#test/support/stall.ts";
import { invoiceIssued } from "#test/support/standard-event.ts";
import { startTestPortal, type TestPortal } from "#test/support/start-portal.ts";

const form = "application/x-www-form-urlencoded";

async function post(portal: TestPortal, path: string, sent: { type?: string; body: string }) {
  const answer = await fetch(portal.url + path, {
    method: "POST",
    body: Buffer.from(sent.body),
    headers: { ...(sent.type !== undefined && { "content-type": sent.type }) },
    redirect: "manual",
  });
  await answer.arrayBuffer();
  return answer.status;
}

const names = (count: number) => Array.from({ length: count }, (_, at) => at.toString(36));

test("a form with more fields than any of ours is refused without a stall", async () => {
  await using portal = await startTestPortal();
  await post(portal, "/sign-in", { type: form, body: "email=nobody" });
  const body = names(80_000).join("&");
  let status = 0;
  const stall = await stallOf(async () => {
    status = await post(portal, "/sign-in", { type: form, body });
  });
  expect(status).toBe(413);
  expect(stall).toBeLessThan(longestStallMs);
  const most = names(2_400).join("&");
  const stallOfMost = await stallOf(async () => {
    status = await post(portal, "/sign-in", { type: form, body: most });
  });
  expect(status).toBe(422);
  expect(stallOfMost).toBeLessThan(longestStallMs);
});

test("parts, broken parts, JSON, and a body of no type are told to be no form, by 415", async () => {
  await using portal = await startTestPortal();
  const part = (name: string) =>
    `--x\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n1\r\n`;
  const parts = `${names(10_000).map(part).join("")}--x--\r\n`;
  const multipart = "multipart/form-data; boundary=x";
  await post(portal, "/sign-in", { type: form, body: "email=nobody" });
  let status = 0;
  const stall = await stallOf(async () => {
    status = await post(portal, "/sign-in", { type: multipart, body: parts });
  });
  expect(status).toBe(415);
  expect(stall).toBeLessThan(longestStallMs);
  for (const path of ["/sign-in", "/sign-in.data", "/sign-in/confirm"]) {
    const given = [
      { type: multipart, body: "--x broken" },
      { type: "application/json", body: "{}" },
      { type: "text/plain", body: "a=b" },
      { body: "a=b" },
      { body: "" },
    ];
    for (const sent of given) expect(await post(portal, path, sent), path).toBe(415);
  }
  const deleted = await fetch(`${portal.url}/sign-in`, { method: "DELETE" });
  expect(deleted.status).toBe(415);
});

test("the API refuses many parameters, a long body and deep nesting without a stall", async () => {
  await using portal = await startTestPortal();
  await portal.deliver("erp", invoiceIssued("INV-1"));
  await portal.settled();
  const key = await keyOf(portal, "finance");
  const path = `invoices/${await portal.invoiceId("INV-1")}/disputes`;
  const authorization = `Bearer ${key}`;
  const send = async (body: string) => {
    const headers = { authorization, "content-type": "application/json" };
    const answer = await fetch(`${portal.url}/api/v1/${path}`, { method: "POST", headers, body });
    return { status: answer.status, size: (await answer.arrayBuffer()).byteLength };
  };
  await call(portal, key, "invoices");
  let status = 0;
  const query = names(2_500).join("&");
  const stallOfQuery = await stallOf(async () => {
    status = (await fetch(`${portal.url}/api/v1/invoices?${query}`, { headers: { authorization } }))
      .status;
  });
  expect(status).toBe(400);
  expect(stallOfQuery).toBeLessThan(longestStallMs);

  let answered = { status: 0, size: 0 };
  const keys = JSON.stringify(Object.fromEntries(names(20_000).map((name) => [`k${name}`, 1])));
  const stallOfKeys = await stallOf(async () => {
    answered = await send(keys);
  });
  expect(answered.status).toBe(422);
  expect(answered.size).toBeLessThan(4_000);
  expect(stallOfKeys).toBeLessThan(longestStallMs);

  expect((await send("[".repeat(200_000))).status).toBe(400);
  expect((await send(`"${"x".repeat(300_000)}"`)).status).toBe(413);
});

test("a socket that asks again and again what it missed is closed", async () => {
  await using portal = await startTestPortal();
  for (let number = 0; number < 20; number++) {
    await portal.deliver("erp", invoiceIssued(`KA-${number}`));
  }
  await portal.settled();
  await portal.addCustomer("Acme Tooling", "buyer@acme.example");
  const { cookie, seat } = await portal.as("buyer@acme.example");
  const openSocket = async () => {
    const socket = io(portal.url, {
      path: livePath,
      transports: ["websocket"],
      extraHeaders: { cookie, origin: portal.url },
      auth: seat,
      reconnection: false,
      forceNew: true,
    });
    await new Promise((resolve) => socket.once("connect", () => resolve(null)));
    return socket;
  };
  let answers = 0;
  const stall = await stallOf(async () => {
    const socket = await openSocket();
    const ended = new Promise((resolve) => socket.once("disconnect", resolve));
    answers = 0;
    for (let count = 0; count < 5_000; count++) {
      socket.emit("catch-up", { after: 1 }, () => (answers += 1));
    }
    await ended;
  });
  expect(answers).toBeLessThanOrEqual(catchUpsPerWindow);
  expect(stall).toBeLessThan(longestStallMs);
});

/** A masked text frame, the mask being zero. */
const frame = (text: string) =>
  Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);

test("a socket that connects again and again without a session is closed", async () => {
  await using portal = await startTestPortal();
  const frames = Buffer.concat(Array.from({ length: 150_000 }, () => frame("40")));
  const stall = await stallOf(async () => {
    const socket = await rawSocket(portal.url);
    const ended = new Promise((resolve) => socket.once("close", resolve));
    socket.write(frames);
    await ended;
  });
  expect(stall).toBeLessThan(longestStallMs);
});

test("strangers' connections that say nothing are bounded in number", async () => {
  await using portal = await startTestPortal();
  const handshake = async () =>
    (
      await fetch(`${portal.url}${livePath}/?EIO=4&transport=polling`, {
        headers: { "sec-fetch-site": "same-origin" },
      })
    ).status;
  for (let count = 0; count < 100; count++) expect(await handshake()).toBe(200);
  expect(await handshake()).toBe(400);
});
