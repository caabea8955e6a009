import { expect, test } from "vitest";
import { z } from "zod";
import { UpstreamError } from "#server/errors.ts";
import type { HttpCall } from "#server/connectors/contract.ts";
import { clientCredentials } from "#server/connectors/kit/oauth.ts";
import { openOutbound } from "#server/connectors/kit/http.ts";
import { restApi } from "#server/connectors/kit/rest.ts";
import { startTurns } from "#server/connectors/kit/turns.ts";
import { startStandIn, testHttp } from "./connectors/stand-in.ts";

const parked = { outcome: "not_sent", retryAt: null };

test.each([
  "http://127.0.0.1:PORT/",
  "http://localhost:PORT/",
  "http://2130706433:PORT/",
  "http://0x7f.1:PORT/",
  "http://0.0.0.0:PORT/",
  "http://[::1]:PORT/",
  "http://[::]:PORT/",
  "http://[::ffff:127.0.0.1]:PORT/",
  "http://[::ffff:7f00:1]:PORT/",
  "http://[::127.0.0.1]:PORT/",
  "http://[64:ff9b::7f00:1]:PORT/",
  "http://[2002:7f00:1::]:PORT/",
  "http://10.1.2.3/",
  "http://172.31.255.255/",
  "http://192.168.0.1/",
  "http://169.254.169.254/latest/meta-data/",
  "http://100.64.0.1/",
  "http://224.0.0.1/",
  "http://255.255.255.255/",
  "http://[fd00::1]/",
  "http://[fe80::1]/",
  "http://[ff02::1]/",
])("%s is private and not called", async (url) => {
  await using system = await startStandIn(() => ({ status: 200 }));
  await using http = testHttp({ allow: [] });
  const failure = await failureOf(
    http.request({ method: "GET", url: url.replace("PORT", String(system.port)) }),
  );
  expect(failure).toMatchObject(parked);
  expect(failure.message).toContain("is a private address");
  expect(system.asked).toEqual([]);
});

test("a range named in OUTBOUND_ALLOW is called, by address, by name and mapped into IPv6", async () => {
  await using system = await startStandIn(() => ({ status: 200, body: { ok: true } }));
  await using http = testHttp({ allow: ["127.0.0.0/8"] });
  for (const host of ["127.0.0.1", "localhost"]) {
    const answer = await http.request({ method: "GET", url: `http://${host}:${system.port}/` });
    expect(answer).toMatchObject({ status: 200, text: '{"ok":true}' });
  }
  await using narrow = testHttp({ allow: ["127.0.0.2/32", "::1/128"] });
  const url = `http://127.0.0.1:${system.port}/`;
  expect(await failureOf(narrow.request({ method: "GET", url }))).toMatchObject(parked);
  expect(() => testHttp({ allow: ["10.0.0.0/33"] })).toThrow("10.0.0.0/33 is not a range");
});

test.each(["file:///etc/passwd", "gopher://example.org/", "no address"])(
  "%s is not called",
  async (url) => {
    await using http = testHttp();
    expect(await failureOf(http.request({ method: "GET", url }))).toMatchObject(parked);
  },
);

test("a redirect to a private address is given back as it is, and fails where an answer is read", async () => {
  await using inner = await startStandIn(() => ({ status: 200, body: { secret: 1 } }));
  const headers = { location: inner.url };
  await using system = await startStandIn(() => ({ status: 302, headers }));
  await using http = testHttp();
  const api = restApi(http, system.url, () => ({}));
  const failure = await failureOf(api.get("/", z.unknown()));
  expect(failure).toMatchObject({ status: 302, retryAt: null });
  expect(inner.asked).toEqual([]);
});

test("a system that takes too long: a question was lost, of a write nobody knows", async () => {
  await using system = await startStandIn(() => new Promise<never>(() => {}));
  await using http = testHttp({ timeoutMs: 200 });
  const call = (method: HttpCall["method"]) => http.request({ method, url: system.url });
  expect(await failureOf(call("GET"))).toMatchObject({ outcome: "refused", retryAt: undefined });
  expect(await failureOf(call("POST"))).toMatchObject({ outcome: "unknown", retryAt: undefined });
});

test("an answer above 10 MiB is cut off", async () => {
  await using system = await startStandIn(() => ({
    status: 200,
    body: "x".repeat(11 * 1024 * 1024),
  }));
  await using http = testHttp();
  const failure = await failureOf(http.request({ method: "GET", url: system.url }));
  expect(failure.message).toContain("more than 10 MiB");
});

test.each([
  [500, "unknown", undefined],
  [502, "unknown", undefined],
  [503, "refused", undefined],
  [403, "refused", undefined],
  [400, "refused", null],
  [404, "refused", null],
  [412, "refused", null],
  [422, "refused", null],
])("a write answered %i: %s, tried again at %s", async (status, outcome, retryAt) => {
  await using system = await startStandIn(() => ({ status, body: "Because" }));
  await using http = testHttp();
  const api = restApi(http, system.url, () => ({}));
  const failure = await failureOf(api.post("/notes", { text: "Hello" }, z.unknown()));
  expect(failure).toMatchObject({
    status,
    outcome,
    retryAt,
    message: `Acme answered ${status}: Because`,
  });
});

test.each([
  [404, null],
  [409, undefined],
  [412, undefined],
])("a question answered %i is tried again at %s", async (status, retryAt) => {
  await using system = await startStandIn(() => ({ status, body: "Because" }));
  await using http = testHttp();
  const api = restApi(http, system.url, () => ({}));
  expect(await failureOf(api.get("/notes/7", z.unknown()))).toMatchObject({ status, retryAt });
});

test("a 200 with another body than promised is the system's failure", async () => {
  await using system = await startStandIn(() => ({ status: 200, body: { id: 7 } }));
  await using http = testHttp();
  const api = restApi(http, `${system.url}/`, () => ({ authorization: "Bearer t" }));
  const failure = await failureOf(api.get("/notes/7", z.object({ id: z.string() })));
  expect(failure.message).toBe(
    "Acme answered 200 with a body we cannot read: id: Invalid input: expected string, received number",
  );
  expect(system.asked[0]).toMatchObject({
    path: "/notes/7",
    headers: { authorization: "Bearer t" },
  });
});

test("a token is asked for once while it lasts, and again when it has ended", async () => {
  await using system = await startStandIn(() => ({
    status: 200,
    body: { access_token: "t1", expires_in: 60 },
  }));
  let now = new Date("2026-11-20T10:00:00Z");
  const outbound = openOutbound({ allow: ["127.0.0.0/8"], clock: () => now, timeoutMs: 5_000 });
  const client = { tokenUrl: system.url, clientId: "id", clientSecret: "s:c", scope: "invoices" };
  const token = clientCredentials(outbound.bind("Acme"), client);
  expect([await token(), await token()]).toEqual(["t1", "t1"]);
  expect(system.asked).toHaveLength(1);
  expect(system.asked[0]?.body.toString()).toBe("grant_type=client_credentials&scope=invoices");
  expect(system.asked[0]?.headers.authorization).toBe(`Basic ${btoa("id:s%3Ac")}`);
  now = new Date("2026-11-20T10:00:31Z");
  await token();
  expect(system.asked).toHaveLength(2);
  await outbound.close();
});

test("at most so many calls of one connection run at once, in their order", async () => {
  const turns = startTurns({ atOnce: 2, perSecond: 10_000 });
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const works = [0, 1, 2, 3].map((each) =>
    turns.take(() => {
      begun.push(each);
      return new Promise<void>((resolve) => ends.push(resolve));
    }),
  );
  await expect.poll(() => begun).toEqual([0, 1]);
  ends[1]?.();
  await expect.poll(() => begun).toEqual([0, 1, 2]);
  ends[0]?.();
  await expect.poll(() => begun).toEqual([0, 1, 2, 3]);
  ends.forEach((end) => end());
  await Promise.all(works);
});

async function failureOf(work: Promise<unknown>): Promise<UpstreamError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof UpstreamError) return error;
    throw error;
  }
  throw new Error("It did not fail");
}
