import { once } from "node:events";
import { get } from "node:http";
import { request } from "node:http";
import { connect } from "node:net";
import { expect, test, vi } from "vitest";
import { startTestPortal } from "#test/support/start-portal.ts";

test("the process is healthy and ready once it listens", async () => {
  await using portal = await startTestPortal();
  expect((await fetch(`${portal.url}/healthz`)).status).toBe(200);
  const ready = await fetch(`${portal.url}/readyz`);
  expect([ready.status, await ready.text()]).toEqual([200, "ready\n"]);
});

test("a database that is not of this version is not ready", async () => {
  await using portal = await startTestPortal();
  const { writer } = portal.portal;
  await writer.deleteFrom("kysely_migration" as never).execute();
  expect((await fetch(`${portal.url}/readyz`)).status).toBe(503);
  expect((await fetch(`${portal.url}/healthz`)).status).toBe(200);
});

test("metrics are for who has the token, when there is one", async () => {
  await using portal = await startTestPortal({ environment: { METRICS_TOKEN: "a-token" } });
  expect((await fetch(`${portal.url}/metrics`)).status).toBe(401);
  const headers = { authorization: "Bearer a-token" };
  const text = await (await fetch(`${portal.url}/metrics`, { headers })).text();
  for (const name of [
    "portal_deliveries_received_total",
    "portal_acknowledge_seconds_bucket",
    "portal_delivery_queue",
    "portal_outbox",
    "portal_sockets",
    "nodejs_eventloop_lag_seconds",
  ]) {
    expect(text).toContain(name);
  }
});

test("without a token the metrics are closed in production", async () => {
  const environment = { NODE_ENV: "production", PUBLIC_URL: "https://portal.example" };
  await using portal = await startTestPortal({ environment });
  const { port } = portal.portal.config;
  expect((await fetch(`http://127.0.0.1:${port}/metrics`)).status).toBe(401);
});

test("a portal for this machine alone answers to no name of another", async () => {
  await using portal = await startTestPortal();
  const { port } = portal.portal.config;
  const statusFor = (host: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      get({ port, host: "127.0.0.1", path: "/sign-in", headers: { host } }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      }).on("error", reject);
    });
  expect(await statusFor("evil.example")).toBe(421);
  expect(await statusFor(`evil.example:${port}`)).toBe(421);
  expect(await statusFor(`localhost:${port}`)).toBe(200);
});

test("Remix's list of routes is not there for anyone", async () => {
  await using portal = await startTestPortal();
  for (const path of [
    "/__manifest",
    `/__manifest?p=${"/a".repeat(3000)}`,
    "//__manifest",
    "/sign-in?_data=routes%2Fsign-in",
    "/sign-in?%5fdata=routes%2Fsign-in",
    "/sign-in?a=b&%5Fdat%61=routes%2Fsign-in",
  ]) {
    expect((await fetch(portal.url + path)).status).toBe(404);
  }
});

const post = (url: string, headers: Record<string, string>) =>
  fetch(url, { method: "POST", body: "a=b", headers, redirect: "manual" });

test("an address is the same in any case, however it is written, with or without a page behind it", async () => {
  await using portal = await startTestPortal();
  const statusOf = async (path: string) =>
    (await fetch(portal.url + path, { redirect: "manual" })).status;
  for (const path of ["/sign-in", "/Sign-In", "/%73ign-in", "/sign-in/", "/verify/file"]) {
    expect(await statusOf(path), path).toBe(200);
  }
  for (const path of ["/", "/invoices", "/INVOICES", "/finance/audit"]) {
    expect(await statusOf(path), path).toBe(302);
  }
  for (const path of ["/nowhere", "/sign-in/nowhere", "/verify/nowhere", "/:id", "/*"]) {
    expect(await statusOf(path), path).toBe(404);
  }
  expect(await statusOf("/%zz")).toBe(404);
});

test("a change that a foreign page sends is refused before any route sees it", async () => {
  await using portal = await startTestPortal();
  const own = new URL(portal.url).origin;
  const cookie = "portal.session_token=x";
  const refused: Record<string, string>[] = [
    { origin: "https://evil.example" },
    { origin: "null" },
    { origin: "https://evil.example", "x-forwarded-host": "evil.example" },
    { origin: own, "sec-fetch-site": "cross-site" },
    { origin: own, "sec-fetch-site": "same-site" },
    { cookie },
    { authorization: "Bearer key", origin: "https://evil.example" },
  ];
  for (const headers of refused) {
    for (const path of ["/sign-in", "/sign-in?_data=root", "/api/v1/disputes", "/nothing"]) {
      if (headers["authorization"] && path.startsWith("/api/")) continue;
      const answer = await post(portal.url + path, headers);
      expect([path, headers, answer.status]).toEqual([path, headers, 403]);
    }
  }
});

test("a forged Host reaches no page and no link", async () => {
  const environment = { PUBLIC_URL: "https://portal.example" };
  await using portal = await startTestPortal({ environment });
  const address = `http://127.0.0.1:${portal.portal.config.port}`;
  const answer = await fetch(`${address}/invoices`, {
    headers: { "x-forwarded-host": "evil.example" },
    redirect: "manual",
  });
  expect(answer.headers.get("location") ?? "").not.toContain("evil.example");
  expect(await answer.text()).not.toContain("evil.example");
});

/** Posts the sign-in form as a browser at PUBLIC_URL does, through a proxy that writes these headers. */
function askThrough(port: number, nth: number, headers: Record<string, string>) {
  return new Promise<{ status: number; location: string }>((resolve, reject) => {
    const asked = request(
      { port, host: "127.0.0.1", method: "POST", path: "/sign-in", headers },
      (answer) => {
        answer.resume();
        const { statusCode: status = 0, headers: answered } = answer;
        answer.on("end", () => resolve({ status, location: answered.location ?? "" }));
      },
    );
    asked.on("error", reject);
    asked.end(`email=ines${nth}%40meridian.example`);
  });
}

test("a form is taken behind a proxy that passes on no Host, or another one", async () => {
  const environment = { PUBLIC_URL: "https://portal.example", TRUSTED_PROXIES: "127.0.0.1" };
  await using portal = await startTestPortal({ environment });
  const { port } = portal.portal.config;
  const form = {
    "content-type": "application/x-www-form-urlencoded",
    origin: "https://portal.example",
  };
  const ways: Record<string, string>[] = [
    { host: "portal.example" },
    { host: `127.0.0.1:${port}` },
    { host: `localhost:${port}` },
    { host: "upstream" },
    { host: "portal.example", "x-forwarded-host": "lb.internal" },
    { host: `127.0.0.1:${port}`, "x-forwarded-host": "lb.internal, portal.example" },
    { host: "portal.example", origin: "null", "sec-fetch-site": "same-origin" },
  ];
  for (const [at, way] of ways.entries()) {
    const { status, location } = await askThrough(port, at, { ...form, ...way });
    expect([way, status]).toEqual([way, 302]);
    expect(location).toMatch(/^\/sign-in\/sent/);
  }
  const foreign = { ...form, host: "portal.example", origin: "https://evil.example" };
  expect((await askThrough(port, 9, foreign)).status).toBe(403);
});

test("a bearer key opens no page's action by way of the API's address", async () => {
  await using portal = await startTestPortal();
  const { port } = portal.portal.config;
  const paths = ["/api/v1/x/../../../sign-out", "/api/v1/%2e%2e/%2e%2e/sign-out"];
  for (const path of paths) {
    const headers = { authorization: "Bearer x", origin: "https://evil.example", cookie: "a=b" };
    const status = await new Promise<number>((resolve, reject) => {
      const asked = request(
        { port, host: "127.0.0.1", method: "POST", path, headers },
        (answer) => {
          answer.resume();
          resolve(answer.statusCode ?? 0);
        },
      );
      asked.on("error", reject);
      asked.end();
    });
    expect([path, status]).toEqual([path, 403]);
  }
});

test("pages carry the protective headers, with a nonce of their own each time", async () => {
  await using portal = await startTestPortal();
  const policies = new Set<string>();
  for (let times = 0; times < 2; times++) {
    const answer = await fetch(`${portal.url}/sign-in`);
    const { headers } = answer;
    policies.add(headers.get("content-security-policy") ?? "");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("x-frame-options")).toBe("DENY");
    expect(headers.get("x-powered-by")).toBeNull();
    const [, nonce = "none"] = /'nonce-([^']+)'/.exec([...policies].at(-1) ?? "") ?? [];
    const scripts = (await answer.text()).match(/<script[^>]*>/g) ?? [];
    for (const script of scripts) expect(script).toContain(`nonce="${nonce}"`);
  }
  expect(policies.size).toBe(2);
});

test("what is asked wrongly is no error of the server's log", async () => {
  const errors = vi.spyOn(console, "error");
  await using portal = await startTestPortal();
  const origin = new URL(portal.url).origin;
  for (const path of ["/sign-in/sent", "/nothing", "/verify", "/favicon.ico"]) {
    expect((await post(portal.url + path, { origin })).status).toBe(405);
  }
  expect(errors).not.toHaveBeenCalled();
});

test("a form above 1 MiB is refused", async () => {
  await using portal = await startTestPortal();
  const answer = await fetch(`${portal.url}/sign-in`, {
    method: "POST",
    body: "x".repeat(1024 * 1024 + 1),
    headers: { origin: new URL(portal.url).origin },
  });
  expect(answer.status).toBe(413);
});

test("the server stops while a sender keeps its connection open", async () => {
  const portal = await startTestPortal();
  await fetch(`${portal.url}/healthz`);
  await portal[Symbol.asyncDispose]();
  await expect(fetch(`${portal.url}/healthz`)).rejects.toThrow();
});

test("the server stops once what was under way has its answer, though the sender keeps the connection", async () => {
  const portal = await startTestPortal();
  const sender = connect(Number(new URL(portal.url).port), "127.0.0.1");
  sender.write("POST /webhooks/erp HTTP/1.1\r\nhost: portal\r\ncontent-length: 4\r\n\r\nbo");
  await once(sender, "ready");
  await fetch(`${portal.url}/healthz`);
  const began = performance.now();
  const stopped = portal[Symbol.asyncDispose]();
  sender.write("dy");
  const [answer] = await once(sender, "data");
  expect(String(answer)).toMatch(/^HTTP\/1.1 401/);
  await stopped;
  // It would be cut off after ten.
  expect(performance.now() - began).toBeLessThan(8_000);
});
