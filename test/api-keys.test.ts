import { createHash } from "node:crypto";
import { request } from "node:http";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { limitsOf, callsAMinute, countCall } from "#server/api/key-limit.ts";
import { rights } from "#server/api/rights.ts";
import { createKey, KeyRole, listKeys } from "#server/access/api-keys.ts";
import { call, keyOf, source, twoCustomers } from "#test/support/api.ts";
import { invoiceIssued } from "#test/support/standard-event.ts";
import { startTestPortal, type TestPortal } from "#test/support/start-portal.ts";

/** Asks as a bare program would, where fetch would add or hide something. */
function ask(portal: TestPortal, key: string, path: string, headers: Record<string, string> = {}) {
  return rawly(portal, {
    path,
    method: "GET",
    headers: { authorization: `Bearer ${key}`, ...headers },
  });
}

interface Raw {
  path: string;
  method: string;
  headers: Record<string, string>;
  body?: string;
}

function rawly(portal: TestPortal, { path, method, headers, body }: Raw) {
  return new Promise<{ status: number; headers: Record<string, unknown>; body: Buffer }>(
    (resolve, reject) => {
      const asked = request(`${portal.url}/api/v1/${path}`, { method, headers }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("end", () => {
          const status = answer.statusCode ?? 0;
          resolve({ status, headers: answer.headers, body: Buffer.concat(chunks) });
        });
      });
      asked.on("error", reject);
      asked.end(body);
    },
  );
}

test("each role may do what the table of rights says, and no more", async () => {
  const { portal, acme } = await twoCustomers();
  await using _ = portal;
  const invoice = await portal.invoiceId("INV-1");
  const disputed = await keyOf(portal, "finance");
  const post = { method: "POST", body: { reason: "other", amount: 1, message: "Hm" } };
  const { body: dispute } = await call(portal, disputed, `invoices/${invoice}/disputes`, post);
  const words = { method: "PATCH", body: { message: "hello" } };
  const calls: Record<keyof typeof rights, Parameters<typeof call>[2]> = {
    "invoices:read": `invoices/${invoice}`,
    "disputes:read": `disputes/${dispute.id}`,
    "ledger:read": "ledger",
    "disputes:open": `invoices/${invoice}/disputes`,
    "disputes:move": `disputes/${dispute.id}`,
    "deliveries:read": "deliveries",
    "outbox:read": "outbox",
  };
  // Opening again is refused with 409 to whoever may open at all.
  const done: Record<string, number> = { "disputes:open": 409 };
  const sent = { "disputes:open": post, "disputes:move": words } as const;
  for (const role of KeyRole.options) {
    const key = await keyOf(portal, role, role === "customer" ? acme : "");
    for (const [right, { roles }] of Object.entries(rights)) {
      const path = Object.entries(calls).find(([name]) => name === right)?.[1] ?? "";
      const asked = Object.entries(sent).find(([name]) => name === right)?.[1];
      const { status } = await call(portal, key, path, asked);
      const may = roles.some((each) => each === role);
      const refused = role === "customer" ? 404 : 403;
      expect(status, `${role} ${right}`).toBe(may ? (done[right] ?? 200) : refused);
    }
  }
});

test("a key ends after its last day, and says nothing of why it is refused", async () => {
  let now = new Date("2026-11-20T10:00:00.000Z");
  await using portal = await startTestPortal({ clock: () => now });
  const form = { name: "n", role: "finance", customer: "" } as const;
  const past = createKey(portal.portal, source, { ...form, expires: "2026-11-19" });
  await expect(past).rejects.toMatchObject({
    status: 422,
    fields: { expires: "This day is over" },
  });
  const { key } = await createKey(portal.portal, source, { ...form, expires: "2026-11-20" });
  expect((await listKeys(portal.portal))[0]?.expiresAt).toBe("2026-11-21T00:00:00.000Z");
  now = new Date("2026-11-20T23:59:59.999Z");
  expect((await call(portal, key, "invoices")).status).toBe(200);
  now = new Date("2026-11-21T00:00:00.000Z");
  const ended = await call(portal, key, "invoices");
  const unknown = await call(portal, `ipk_${"A".repeat(43)}`, "invoices");
  expect(ended.status).toBe(401);
  expect(ended.headers.get("www-authenticate")).toBe('Bearer realm="api", error="invalid_token"');
  expect(ended.body).toEqual(unknown.body);
});

test("a key that calls too often is told how long to wait, other keys are not held up", async () => {
  await using portal = await startTestPortal();
  await limitsOf(portal.portal).calls.penalty("key_busy", callsAMinute - 1);
  expect(await countCall(portal.portal, "key_busy")).toMatchObject({
    "ratelimit-policy": '"key";q=6000;w=60',
    ratelimit: expect.stringMatching(/^"key";r=0;t=\d+$/),
  });
  await expect(countCall(portal.portal, "key_busy")).rejects.toMatchObject({
    status: 429,
    headers: { "retry-after": expect.stringMatching(/^\d+$/) },
  });
  await expect(countCall(portal.portal, "key_other")).resolves.toBeTruthy();
  const { headers } = await call(portal, await keyOf(portal, "auditor"), "invoices");
  expect(headers.get("ratelimit")).toMatch(/^"key";r=5999;t=\d+$/);
});

test("one Idempotency-Key opens one dispute, however often and at once it is sent", async () => {
  const { portal, acme } = await twoCustomers();
  await using _ = portal;
  const key = await keyOf(portal, "customer", acme);
  const path = `invoices/${await portal.invoiceId("INV-1")}/disputes`;
  const headers = { "idempotency-key": "b1c2-once" };
  const body = { reason: "duplicate", amount: 100, message: "Twice" };
  const post = { method: "POST", body, headers };
  const answers = await Promise.all([1, 2, 3, 4].map(() => call(portal, key, path, post)));
  expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
  expect(new Set(answers.map((answer) => answer.body.id)).size).toBe(1);
  expect(await portal.events("INV-1", "dispute.opened")).toHaveLength(1);
  const other = await call(portal, key, path, { ...post, body: { ...body, amount: 101 } });
  expect(other.status).toBe(422);
  expect(other.body.errors[0].field).toBe("idempotency-key");
  const wrong = await call(portal, key, path, { ...post, headers: { "idempotency-key": "a b" } });
  expect(wrong.status).toBe(400);
  // Without the key, or with another one, it is a new wish: it overlaps with the first.
  expect((await call(portal, key, path, { method: "POST", body })).status).toBe(409);
  const again = { ...post, headers: { "idempotency-key": "refused" } };
  expect((await call(portal, key, path, again)).status).toBe(409);
  expect((await call(portal, key, path, again)).status).toBe(409);
  const ofAnother = await keyOf(portal, "finance");
  expect((await call(portal, ofAnother, path, post)).status).toBe(409);
});

test("an address says which methods it has; HEAD tells what GET would, without a body", async () => {
  const { portal } = await twoCustomers();
  await using _ = portal;
  const key = await keyOf(portal, "finance");
  const headers = { authorization: `Bearer ${key}` };
  const head = await rawly(portal, { method: "HEAD", path: "invoices", headers });
  const get = await ask(portal, key, "invoices");
  expect(head.status).toBe(200);
  expect(head.body).toHaveLength(0);
  expect(head.headers["etag"]).toBe(get.headers["etag"]);
  const path = `invoices/${await portal.invoiceId("INV-1")}/disputes`;
  const options = await rawly(portal, { method: "OPTIONS", path, headers });
  expect(options).toMatchObject({ status: 204, headers: { allow: "GET, HEAD, POST, OPTIONS" } });
  for (const method of ["DELETE", "PUT", "PATCH"]) {
    const refused = await rawly(portal, { method, path, headers });
    expect(refused).toMatchObject({ status: 405, headers: { allow: "GET, HEAD, POST, OPTIONS" } });
    expect(refused.headers["content-type"]).toBe("application/problem+json");
  }
  for (const method of ["TRACE", "PROPFIND"]) {
    const refused = await rawly(portal, { method, path, headers });
    expect(refused.status).toBe(501);
    expect(refused.headers["content-type"]).toBe("application/problem+json");
  }
});

test("what did not change is not sent again, what is long is compressed", async () => {
  await using portal = await startTestPortal();
  for (let number = 1; number <= 6; number++) {
    await portal.deliver("erp", invoiceIssued(`INV-${number}`));
  }
  await portal.settled();
  const key = await keyOf(portal, "auditor");
  const path = `invoices/${await portal.invoiceId("INV-1")}`;
  const { headers, body } = await ask(portal, key, path);
  const tag = createHash("sha256").update(body).digest("base64url").slice(0, 27);
  expect(headers["etag"]).toBe(`W/"${tag}"`);
  for (const given of [`W/"${tag}"`, `"${tag}"`, `"x", W/"${tag}"`, "*"]) {
    const same = await ask(portal, key, path, { "if-none-match": given });
    expect(same).toMatchObject({ status: 304, headers: { etag: `W/"${tag}"` } });
    expect(same.body).toHaveLength(0);
  }
  expect((await ask(portal, key, path, { "if-none-match": '"x"' })).status).toBe(200);
  const plain = await ask(portal, key, "invoices", { "accept-encoding": "gzip;q=0, br;q=0" });
  expect(plain.headers["content-encoding"]).toBeUndefined();
  const zipped = await ask(portal, key, "invoices", { "accept-encoding": "gzip" });
  expect(zipped.headers["content-encoding"]).toBe("gzip");
  expect(zipped.headers["vary"]).toBe("authorization, Accept-Encoding");
  expect(gunzipSync(zipped.body).equals(plain.body)).toBe(true);
  const brotli = await ask(portal, key, "invoices", { "accept-encoding": "gzip, br" });
  expect(brotli.headers["content-encoding"]).toBe("br");
  expect(brotliDecompressSync(brotli.body).equals(plain.body)).toBe(true);
});

test("a body that cannot be used is refused as a problem, whatever is wrong with it", async () => {
  const { portal } = await twoCustomers();
  await using _ = portal;
  const key = await keyOf(portal, "finance");
  const path = `invoices/${await portal.invoiceId("INV-1")}/disputes`;
  const json = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const post = { path, method: "POST", headers: json };
  const words = (message: string) => `{"reason":"other","message":"${message}"}`;
  const cases: [number, Raw][] = [
    [400, { ...post, body: "{" }],
    [400, { ...post, body: words("half \\ud800") }],
    [400, { ...post, body: words("zero \\u0000") }],
    [413, { ...post, body: words("x".repeat(1_100_000)) }],
    [415, { ...post, headers: { ...json, "content-type": "text/plain" }, body: words("Hm") }],
    [422, { ...post, body: words("x".repeat(5_001)) }],
    [422, { ...post, body: '{"reason":"other","message":"Hm","mood":"bad"}' }],
    [422, { ...post, body: '{"reason":"other","message":"Hm","amount":1.5}' }],
    [422, { ...post, body: "[]" }],
  ];
  for (const [status, sent] of cases) {
    const answer = await rawly(portal, sent);
    expect(answer.status, sent.body?.slice(0, 80)).toBe(status);
    expect(answer.headers["content-type"]).toBe("application/problem+json");
    expect(JSON.parse(answer.body.toString())).toMatchObject({ type: "about:blank", status });
  }
});

test("a parameter that is unknown, empty or said twice is named", async () => {
  await using portal = await startTestPortal();
  const key = await keyOf(portal, "finance");
  const wrong: [query: string, field: string][] = [
    ["invoices?stauts=open", "stauts"],
    ["invoices?status=open&status=paid", "status"],
    ["invoices?number=", "number"],
    ["invoices?dispute=maybe", "dispute"],
    ["invoices?updatedSince=yesterday", "updatedSince"],
    ["invoices?limit=0", "limit"],
    ["invoices?limit=201", "limit"],
    ["invoices?after=x", "after"],
    ["disputes?state=nice", "state"],
    ["deliveries?after=1~x", "after"],
    ["deliveries?state=nice", "state"],
    ["outbox?kind=pigeon", "kind"],
    ["outbox?state=nice", "state"],
    ["ledger?after=-1", "after"],
  ];
  for (const [path, field] of wrong) {
    const { status, body } = await call(portal, key, path);
    expect(status, path).toBe(400);
    expect(body.errors[0].field).toBe(field);
    expect(body.detail).toContain(field);
  }
});
