/*
 * Holes of invoice products and of the stack, as they were once found elsewhere, and where each is
 * tried. Those without a file are tried here.
 *
 * A token of one kind or company used for another: here, isolation, mail-pages ("a changed stop link")
 * Role checked without the company: here; roles: finance ("each role does what it may"), api
 * Totals believed from the form: here; portal ("lines are disputed by"), api ("within what is disputed")
 * Customers in private channels: live ("no page asks its way into another room"), isolation
 * Documents by guessed id: there are none; stored bodies are for staff: isolation
 * Links reused, readable, for other browsers, forged Host: auth; in the outbox: mail-templates
 * Script through names, notes and descriptions: here (console); portal-isolation, mail-templates
 * Requests to private addresses: here (forms), kit-http, connections
 * Path traversal in file routes: here
 * Changes from foreign pages, absent Origin, X-Forwarded-Host, ?_data=: http/server; here (resource routes)
 * Drafts: portal-isolation, isolation
 * Confirmation routes not rate limited: here; asking for links: auth; keys: api; webhooks: http/receive
 * Default or short APP_SECRET: here
 * /__manifest: http/server; open redirect: floors, auth, here; acknowledged rows lost: here, http/disk
 */
import { existsSync } from "node:fs";
import { get } from "node:http";
import { join } from "node:path";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { localPath } from "#app/http/http.server.ts";
import { readConfig } from "#server/config.ts";
import { createKey } from "#server/access/api-keys.ts";
import { stopUrl } from "#server/mail/unsubscribe.ts";
import { startStandIn } from "./connectors/stand-in.ts";
import { onPostgres } from "./support/database.ts";
import { startTestPortal, type TestPortal, webhookSecret } from "./support/start-portal.ts";
import { invoiceIssued } from "./support/standard-event.ts";

const email = "ines@meridian.example";
const operator = { kind: "operator", name: "test" } as const;

async function withInvoice(portal: TestPortal, invoice: Record<string, unknown> = {}) {
  const customer = { id: "C-1", name: "Meridian" };
  await portal.deliver("erp", invoiceIssued("KA-1", { customer, ...invoice }));
  await portal.settled();
  return portal.addCustomer(customer.name, email);
}

test("a token of one kind opens nothing of another kind", async () => {
  await using portal = await startTestPortal();
  const customer = await withInvoice(portal);
  const { cookie } = await portal.as(email);
  const session = decodeURIComponent(cookie.split("=")[1] ?? "");
  const signIn = new URL(await portal.portal.auth.createLink(email)).searchParams;
  const made = { name: "n", role: "customer", customer } as const;
  const { key } = await createKey(portal.portal, operator, made);
  const user = await portal.portal.db.selectFrom("user").select("id").executeTakeFirstOrThrow();
  const stop = stopUrl(portal.portal.config, { userId: user.id, kind: "invoices" });
  const tokens = [signIn.get("token") ?? "", signIn.get("seal") ?? "", session, key];
  const stopToken = stop.split("/").at(-1) ?? "";
  const ask = (path: string, headers: Record<string, string>) =>
    fetch(portal.url + path, { headers, redirect: "manual" });
  for (const token of tokens) {
    const encoded = encodeURIComponent(token);
    expect((await ask(`/u/${encoded}`, {})).status).toBe(404);
    expect((await ask(`/invitation/${encoded}`, {})).status).toBe(404);
  }
  for (const token of [...tokens.slice(0, 3), stopToken]) {
    const authorization = `Bearer ${token}`;
    expect((await ask("/api/v1/invoices", { authorization })).status).toBe(401);
  }
  const name = cookie.split("=")[0] ?? "";
  for (const token of [...tokens.slice(0, 2), key, stopToken]) {
    const asked = { cookie: `${name}=${encodeURIComponent(token)}` };
    expect((await ask("/choose-customer", asked)).status).toBe(302);
  }
  for (const token of [session, key, stopToken]) {
    const body = new URLSearchParams({ token, seal: signIn.get("seal") ?? "" });
    const headers = { origin: portal.url };
    const answer = await fetch(`${portal.url}/sign-in/confirm`, { method: "POST", body, headers });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.headers.getSetCookie().join()).not.toContain(name);
  }
});

test("who administers one company is a member in the other", async () => {
  await using portal = await startTestPortal();
  await portal.addCustomer("Meridian", email);
  const oriel = await portal.addCustomer("Oriel", "oriel@oriel.example");
  const { db, writer } = portal.portal;
  const users = db.selectFrom("user").select("id").where("email", "=", email);
  const { id: userId } = await users.executeTakeFirstOrThrow();
  const createdAt = new Date().toISOString();
  const member = { id: "mem_two", organizationId: oriel, userId, role: "member", createdAt };
  await writer.insertInto("member").values(member).execute();
  const { post } = await portal.as(email, oriel);
  const invite = { do: "invite", name: "P", email: "p@example.com", role: "admin" };
  expect((await post("/settings", { ...invite, customerId: oriel })).status).toBe(403);
  expect(await db.selectFrom("invitation").select("id").execute()).toEqual([]);
});

test("what a form says of totals, currency or customer counts nothing", async () => {
  await using portal = await startTestPortal();
  await withInvoice(portal);
  const { post } = await portal.as(email);
  const forged = { total: "1", due: "1", currency: "USD", customerId: "cus_x", amount: "1" };
  const whole = { reason: "other", part: "whole", message: "All of it", ...forged };
  expect((await post("/invoices/KA-1/dispute", whole)).status).toBe(302);
  const [opened] = await portal.events("KA-1", "dispute.opened");
  const amount = { amount: 125_050, currency: "EUR" };
  expect(opened?.data).toMatchObject({ dispute: { amount: amount.amount } });
  const more = { reason: "other", part: "amount", amount: "1250.51", message: "More" };
  expect((await post("/invoices/KA-1/dispute", more)).status).toBe(422);
  const promise = { do: "promise", promisedOn: "2099-01-01", amount: "99999.00" };
  expect((await post("/invoices/KA-1", promise)).status).toBe(422);
});

test("script that arrives as a name, a description or a comment stays text in the console", async () => {
  await using portal = await startTestPortal();
  const evil = '<img src=x onerror="alert(1)">';
  const customer = { id: "C-1", name: evil };
  const lines = [{ id: "1", description: evil, total: "1250.50" }];
  await portal.deliver("erp", invoiceIssued("KA-1", { customer, description: evil, lines }));
  await portal.settled();
  const id = await portal.addCustomer(evil, email);
  const { post } = await portal.as(email);
  const dispute = { reason: "other", part: "whole", message: evil, customerReference: evil };
  expect((await post("/invoices/KA-1/dispute", dispute)).status).toBe(302);
  await portal.addStaff("ada@kestrel.example", "administrator");
  const { page } = await portal.as("ada@kestrel.example");
  const [row] = await portal.portal.db.selectFrom("disputes").select("id").execute();
  const paths = ["disputes", `disputes/${row?.id}`, "customers", `customers/${id}`, "records"];
  const more = ["deliveries/1", "outbox", "audit", "people", "mail"];
  for (const path of [...paths, ...more]) {
    expect(await page(`/finance/${path}`), path).not.toContain("<img src=x");
  }
  expect(await page(`/finance/customers/${id}`)).toContain("&lt;img src=x");
  const { cookie } = await portal.as("ada@kestrel.example");
  const raw = await fetch(`${portal.url}/finance/deliveries/1/raw`, { headers: { cookie } });
  expect(raw.headers.get("content-disposition")).toMatch(/^attachment/);
  expect(raw.headers.get("x-content-type-options")).toBe("nosniff");
});

test("the forms of connections call no private address, and nobody's who is signed out", async () => {
  await using system = await startStandIn(() => ({ status: 200 }));
  await using portal = await startTestPortal();
  await portal.addStaff("ada@kestrel.example", "administrator");
  await withInvoice(portal);
  const form = {
    do: "add",
    system: "standard-webhooks",
    id: "crm",
    name: "CRM",
    "settings.fetchUrl": system.url,
    "secrets.webhookSecret": webhookSecret,
  };
  const outside = await fetch(`${portal.url}/finance/connections/new`, {
    method: "POST",
    body: new URLSearchParams(form),
    headers: { origin: portal.url },
    redirect: "manual",
  });
  expect(outside.headers.get("location")).toMatch(/^\/sign-in/);
  const buyer = await portal.as(email);
  expect((await buyer.post("/finance/connections/new", form)).status).toBe(404);
  expect(portal.portal.connections.get("crm")).toBeUndefined();
  const ada = await portal.as("ada@kestrel.example");
  expect((await ada.post("/finance/connections/new", form)).status).toBe(302);
  const tested = await ada.post("/finance/connections/crm", { do: "test" });
  expect(await tested.text()).toContain("is a private address");
  expect(system.asked).toEqual([]);
});

test("no file outside of the built pages is served", async () => {
  await using portal = await startTestPortal();
  for (const path of [
    "/../package.json",
    "/%2e%2e/package.json",
    "/..%2fpackage.json",
    "/assets/../../server/index.js",
    "/assets/%2e%2e/%2e%2e/server/index.js",
    "/....//package.json",
    "/.env",
  ]) {
    expect([path, await statusOf(portal, path)]).toEqual([path, 404]);
  }
});

/** Asks for a path as it is written; fetch would tidy it first. */
function statusOf({ url }: TestPortal, path: string): Promise<number> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    get({ hostname, port, path }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    }).once("error", reject);
  });
}

test("a session is ended by its own page alone: not by a foreign one, nor by opening an address", async () => {
  await using portal = await startTestPortal();
  await withInvoice(portal);
  const { cookie } = await portal.as(email);
  const attempts: Record<string, string>[] = [
    { origin: "https://evil.example" },
    { origin: "null" },
    {},
    { "sec-fetch-site": "cross-site" },
    { origin: "https://evil.example", "x-forwarded-host": "evil.example" },
  ];
  for (const path of ["/sign-out", "/sign-out?_data=routes%2Fsign-out", "/sign-out.data"]) {
    const ask = (method: string, headers: Record<string, string>) =>
      fetch(portal.url + path, { method, headers: { cookie, ...headers }, redirect: "manual" });
    for (const headers of attempts) {
      expect([path, headers, (await ask("POST", headers)).status]).toEqual([path, headers, 403]);
    }
    await ask("GET", {});
  }
  const still = await fetch(`${portal.url}/choose-customer`, { headers: { cookie } });
  expect(await still.text()).toContain("Choose a company");
});

test("links cannot be guessed: too many tries are refused for a while", async () => {
  await using portal = await startTestPortal();
  await portal.addCustomer("Meridian", email);
  const tries: [number, string | null][] = [];
  for (let times = 0; times < 31; times++) {
    const answer = await fetch(`${portal.url}/sign-in/confirm`, {
      method: "POST",
      body: new URLSearchParams({ token: `guess-${times}`, seal: "x" }),
      headers: { origin: portal.url },
    });
    tries.push([answer.status, answer.headers.get("retry-after")]);
  }
  expect(tries.at(0)?.[0]).toBeLessThan(429);
  expect(tries.at(-1)).toEqual([429, expect.stringMatching(/^[1-9]\d*$/)]);
});

test.each([
  ["none in production", {}, "APP_SECRET: needed in production"],
  ["a short one", { APP_SECRET: "short" }, "APP_SECRET: each needs at least 32 characters"],
  [
    "a short one behind a long one",
    { APP_SECRET: `${"x".repeat(32)},short` },
    "APP_SECRET: each needs at least 32 characters",
  ],
  [
    "the development default",
    { APP_SECRET: "development-only-secret-that-is-long-enough" },
    "APP_SECRET: this is the development default",
  ],
])("a portal does not start with %s as its secret", (_, given, fault) => {
  const environment = { NODE_ENV: "production", PUBLIC_URL: "https://portal.example", ...given };
  expect(() => readConfig(environment)).toThrow(fault);
});

test.each([
  "https://evil.example",
  "//evil.example",
  "///evil.example",
  "/\\evil.example",
  "\\\\evil.example",
  "/\t/evil.example",
  "/\n/evil.example",
  " //evil.example",
  "/..//evil.example",
  "/.//evil.example",
  "/a/../..//evil.example",
  "javascript:alert(1)",
  "evil.example",
  "",
])("%j is no place to go to after signing in", (to) => {
  expect(localPath(to)).toBe("/");
});

test("an encoded address stays a path of the portal", () => {
  for (const to of ["/%2f%2fevil.example", "/%5cevil.example", "/%09/evil.example"]) {
    expect(new URL(localPath(to), "https://portal.example").origin).toBe("https://portal.example");
  }
  expect(localPath("/disputes?view=closed")).toBe("/disputes?view=closed");
});

test.runIf(onPostgres)("each connection to PostgreSQL waits for the disk", async () => {
  await using portal = await startTestPortal();
  for (const db of [portal.portal.writer, portal.portal.queues]) {
    const { rows } = await sql`show synchronous_commit`.execute(db);
    expect(rows).toEqual([{ synchronous_commit: "on" }]);
  }
});

test.skipIf(onPostgres)("each connection to SQLite waits for the disk", async () => {
  await using portal = await startTestPortal();
  for (const db of [portal.portal.writer, portal.portal.db]) {
    const synchronous = await sql<{ synchronous: number }>`pragma synchronous`.execute(db);
    const journal = await sql<{ journal_mode: string }>`pragma journal_mode`.execute(db);
    expect(synchronous.rows).toEqual([{ synchronous: 2 }]);
    expect(journal.rows).toEqual([{ journal_mode: "wal" }]);
  }
});

test("pages are rendered by our own entry, so that the build installs nothing", () => {
  expect(existsSync(join(import.meta.dirname, "../app/entry.server.tsx"))).toBe(true);
  expect(existsSync(join(import.meta.dirname, "../node_modules/isbot"))).toBe(false);
});
