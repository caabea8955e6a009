import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { gzipSync } from "node:zlib";
import { Webhook } from "standardwebhooks";
import { expect, test } from "vitest";
import { refusedOf } from "#db/queries/refused.ts";
import { openConnection } from "#test/support/raw-socket.ts";
import { invoiceIssued } from "#test/support/standard-event.ts";
import { startTestPortal, webhookSecret, type TestPortal } from "#test/support/start-portal.ts";

const deliveries = (portal: TestPortal) =>
  portal.portal.db.selectFrom("deliveries").selectAll().orderBy("id").execute();

test("a signed delivery is answered once it is stored, and processed into the ledger", async () => {
  await using portal = await startTestPortal();
  const answer = await portal.deliver("erp", invoiceIssued("INV-1"));
  expect(answer.status).toBe(204);
  expect(await deliveries(portal)).toHaveLength(1);
  await portal.settled();
  expect(await portal.events("INV-1", "invoice.issued")).toHaveLength(1);
  const [row] = await deliveries(portal);
  expect(row).toMatchObject({ due_at: null, error: null, attempts: 1 });
  expect(row?.first_sequence).toBe((await portal.events("INV-1"))[0]?.sequence);
});

test("a delivery that comes again is answered like the first and stored once", async () => {
  await using portal = await startTestPortal();
  const send = () => portal.deliver("erp", invoiceIssued("INV-1"), { id: "msg_same" });
  const answers = await Promise.all([send(), send(), send()]);
  expect(answers.map((answer) => answer.status)).toEqual([204, 204, 204]);
  expect(await deliveries(portal)).toHaveLength(1);
});

test("a bad signature is refused, counted and kept as a sample without its secrets", async () => {
  await using portal = await startTestPortal();
  const secret = `whsec_${randomBytes(32).toString("base64")}`;
  const headers = { authorization: "Bearer a-long-secret-of-somebody" };
  const answer = await portal.deliver("erp", invoiceIssued("INV-1"), { secret, headers });
  expect(answer.status).toBe(401);
  await portal.settled();
  expect(await deliveries(portal)).toEqual([]);
  const [sample] = await refusedOf(portal.portal.db, "erp");
  expect(sample).toMatchObject({ status: 401, method: "POST" });
  expect(sample?.headers).not.toContain("secret-of-somebody");
  const row = await portal.portal.db
    .selectFrom("connections")
    .selectAll()
    .executeTakeFirstOrThrow();
  expect(row).toMatchObject({ refused: 1, delivered: 0, last_delivery_at: null });
});

test("only the last 50 refused samples of a connection are kept", async () => {
  await using portal = await startTestPortal();
  for (let times = 0; times < 60; times++) {
    await portal.deliver("erp", `{"n":${times}}`, { secret: "d3Jvbmcgc2VjcmV0" });
    if (times % 20 === 0) await portal.settled();
  }
  await portal.settled();
  const samples = await refusedOf(portal.portal.db, "erp");
  expect(samples).toHaveLength(50);
  expect(String(samples[0] && Buffer.from(samples[0].body))).toBe('{"n":59}');
});

test("who sends too much that is refused is told to wait, who is authentic is not", async () => {
  await using portal = await startTestPortal();
  const statuses = new Set<number>();
  for (let times = 0; times < 130; times++) {
    const answer = await portal.deliver("erp", "{}", { secret: "d3Jvbmcgc2VjcmV0" });
    statuses.add(answer.status);
  }
  expect([...statuses]).toEqual([401, 429]);
  expect((await portal.deliver("erp", invoiceIssued("INV-1"))).status).toBe(204);
});

test("whoever does not prove who it is cannot tell which connections there are", async () => {
  await using portal = await startTestPortal();
  const { connections } = portal.portal;
  const source = { kind: "operator", name: "test" } as const;
  const webhook = { webhookSecret: "test-secret-stripe" };
  await connections.add({ id: "st", system: "stripe", secrets: webhook }, source);
  await connections.add({ id: "idle", system: "stripe", secrets: webhook }, source);
  await connections.pause("idle", source);
  const requests: RequestInit[] = [
    { method: "POST", body: "{}" },
    { method: "POST", body: "{}", headers: { "webhook-id": "a", "stripe-signature": "t=1" } },
    { method: "GET" },
    { method: "OPTIONS" },
    { method: "OPTIONS", headers: { "webhook-request-origin": "evil.example" } },
    { method: "POST", body: "x", headers: { "content-encoding": "br" } },
  ];
  for (const [at, request] of requests.entries()) {
    const answers = await Promise.all(
      ["erp", "st", "idle", "nobody"].map(async (id) => {
        const answer = await fetch(`${portal.url}/webhooks/${id}`, request);
        const { date: _date, ...headers } = Object.fromEntries(answer.headers);
        return { status: answer.status, headers, body: await answer.text() };
      }),
    );
    for (const answer of answers) expect(answer, `request ${at}`).toEqual(answers[0]);
  }
  const [sample] = await portal.settled().then(() => refusedOf(portal.portal.db, "st"));
  expect(sample?.reason).not.toBe("");
});

test("a slash behind the address means the same connection", async () => {
  await using portal = await startTestPortal();
  expect((await portal.deliver("erp/", invoiceIssued("INV-1"))).status).toBe(204);
});

test("a paused connection answers its own sender 503 with a time to come back", async () => {
  await using portal = await startTestPortal({ connections: [] });
  const source = { kind: "operator", name: "test" } as const;
  const { connections } = portal.portal;
  const input = { id: "own", system: "standard-webhooks", secrets: { webhookSecret } };
  await connections.add(input, source);
  await connections.pause("own", source);
  const answer = await portal.deliver("own", invoiceIssued("INV-1"));
  expect(answer.status).toBe(503);
  expect(answer.headers.get("retry-after")).toBe("3600");
});

test("only POST delivers", async () => {
  await using portal = await startTestPortal();
  for (const method of ["GET", "PUT", "DELETE"]) {
    const answer = await fetch(`${portal.url}/webhooks/erp`, { method });
    expect(answer.status).toBe(405);
    expect(answer.headers.get("allow")).toBe("POST");
  }
});

test("an authentic body that says nothing usable is kept as dead and refused with its reason", async () => {
  await using portal = await startTestPortal();
  const answer = await portal.deliver("erp", { type: "invoice.issued", data: {} }, { id: "msg_1" });
  expect(answer.status).toBe(422);
  const words = (await answer.text()).trim();
  expect(words).not.toBe("");
  const [row] = await deliveries(portal);
  expect(row).toMatchObject({ due_at: null, error: words });
  expect(row?.dead_at).not.toBeNull();
  const repaired = await portal.deliver("erp", invoiceIssued("INV-1"), { id: "msg_1" });
  expect(repaired.status).toBe(204);
  await portal.settled();
  expect(await portal.events("INV-1", "invoice.issued")).toHaveLength(1);
});

test("a body above 1 MiB is refused, whether it says its length or not", async () => {
  await using portal = await startTestPortal();
  const large = "x".repeat(1024 * 1024 + 1);
  expect((await portal.deliver("erp", large)).status).toBe(413);
  const chunks = new Blob([large]).stream();
  const init = { method: "POST", body: chunks, duplex: "half" } as const;
  expect((await fetch(`${portal.url}/webhooks/erp`, init)).status).toBe(413);
  expect((await portal.deliver("erp", invoiceIssued("INV-1"))).status).toBe(204);
});

test("gzip is undone before the signature is checked, and a bomb is refused", async () => {
  await using portal = await startTestPortal();
  const send = (body: Buffer, plain: string) => {
    const sentAt = new Date();
    const id = `msg_${body.length}`;
    return fetch(`${portal.url}/webhooks/erp`, {
      method: "POST",
      body: new Uint8Array(body),
      headers: {
        "content-encoding": "gzip",
        "webhook-id": id,
        "webhook-timestamp": String(Math.floor(sentAt.getTime() / 1000)),
        "webhook-signature": new Webhook(webhookSecret).sign(id, sentAt, plain),
      },
    });
  };
  const plain = JSON.stringify(invoiceIssued("INV-1"));
  expect((await send(gzipSync(plain), plain)).status).toBe(204);
  expect((await send(gzipSync(Buffer.alloc(11 * 1024 * 1024)), plain)).status).toBe(413);
  expect((await send(Buffer.from("not gzip"), plain)).status).toBe(400);
});

test("bombs of gzip cost no more memory than two of them, and a peer that is refused gets none", async () => {
  await using portal = await startTestPortal();
  const bomb = new Uint8Array(gzipSync(Buffer.alloc(10 * 1024 * 1024)));
  const send = async () => {
    const answer = await fetch(`${portal.url}/webhooks/erp`, {
      method: "POST",
      body: bomb,
      headers: {
        "content-encoding": "gzip",
        "webhook-id": "a",
        "webhook-timestamp": String(Math.floor(Date.now() / 1000)),
        "webhook-signature": "v1,AAAA",
      },
    });
    return answer.status;
  };
  let most = 0;
  const refused = () => portal.deliver("erp", "{}", { secret: "d3Jvbmcgc2VjcmV0" });
  const before = process.memoryUsage.rss();
  const timer = setInterval(() => (most = Math.max(most, process.memoryUsage.rss() - before)), 5);
  const first = await Promise.all(Array.from({ length: 40 }, send));
  expect(new Set(first)).toEqual(new Set([401]));
  while ((await refused()).status !== 429);
  const started = performance.now();
  const limited = await Promise.all(Array.from({ length: 100 }, send));
  clearInterval(timer);
  expect(new Set(limited)).toEqual(new Set([429]));
  expect(performance.now() - started).toBeLessThan(10_000);
  expect(most).toBeLessThan(400 * 1024 * 1024);
}, 120_000);

test("a network that holds as much as it may is told to come back, and others are not", async () => {
  const held = { all: 4_000, ofNetwork: 1_500, ofEachFree: 0 };
  const limits = { sent: { bytes: 1_500, ms: 500 }, inflatedBytes: 1_000, held };
  const environment = { TRUSTED_PROXIES: "127.0.0.1" };
  await using portal = await startTestPortal({ limits, environment });
  const never = (peer: string) => {
    const body = new ReadableStream({ start: (stream) => stream.enqueue(Buffer.alloc(1_000)) });
    const headers = { "x-forwarded-for": peer };
    const init = { method: "POST", body, headers, duplex: "half" } as const;
    return fetch(`${portal.url}/webhooks/erp`, init);
  };
  const one = [never("203.0.113.1"), never("203.0.113.1"), never("203.0.113.1")];
  const statuses = (await Promise.all([...one, never("203.0.113.2")])).map(({ status }) => status);
  expect(statuses.slice(0, 3).toSorted((a, b) => a - b)).toEqual([408, 503, 503]);
  expect(statuses[3]).toBe(408);
  // What was read and given up is held no more.
  expect((await never("203.0.113.1")).status).toBe(408);
});

test("a short body is read whatever is held", async () => {
  const held = { all: 0, ofNetwork: 0, ofEachFree: 1_000 };
  const limits = { sent: { bytes: 1_000, ms: 500 }, inflatedBytes: 1_000, held };
  await using portal = await startTestPortal({ limits });
  expect((await portal.deliver("erp", "{}")).status).toBe(422);
  expect((await portal.deliver("erp", "{")).status).toBe(400);
});

test("bodies that are promised and do not come refuse nobody else's delivery", async () => {
  await using portal = await startTestPortal();
  const { host } = new URL(portal.url);
  const promise = `POST /webhooks/nobody HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 1048576\r\n\r\n`;
  const sockets = Array.from({ length: 100 }, () => openConnection(portal.url));
  for (const socket of sockets) socket.write(promise);
  // The last one's headers were read once they are answered.
  const last = openConnection(portal.url);
  last.end(promise.replace("1048576", "0"));
  await once(last.resume(), "close");
  for (let number = 0; number < 5; number++) {
    expect((await portal.deliver("erp", invoiceIssued(`INV-${number}`))).status).toBe(204);
  }
  for (const socket of sockets) socket.destroy();
});

test("a body that does not come is not waited for", async () => {
  const held = { all: 10_000, ofNetwork: 10_000, ofEachFree: 0 };
  const limits = { sent: { bytes: 1000, ms: 50 }, inflatedBytes: 1000, held };
  await using portal = await startTestPortal({ limits });
  const never = new ReadableStream({ start: (stream) => stream.enqueue(Buffer.from("{")) });
  const init = { method: "POST", body: never, duplex: "half" } as const;
  expect((await fetch(`${portal.url}/webhooks/erp`, init)).status).toBe(408);
});
