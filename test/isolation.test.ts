import { join } from "node:path";
import { io } from "socket.io-client";
import { expect, test, vi } from "vitest";
import { z } from "zod";
import { createKey } from "#server/access/api-keys.ts";
import type { LiveMessage } from "#server/live/message.ts";
import { livePath } from "#server/live/path.ts";
import { inviteUser } from "#server/people/invite-user.ts";
import { startTestPortal, type TestPortal } from "./support/start-portal.ts";
import { invoiceIssued, paymentReceived } from "./support/standard-event.ts";

/** A thousand requests take a while on a machine that has other things to do. */
vi.setConfig({ testTimeout: 120_000 });

const ours = "ines@meridian.example";
const theirs = "oriel@oriel.example";
const operator = { kind: "operator", name: "test" } as const;
const production = { NODE_ENV: "production", PUBLIC_URL: "http://localhost:0" };
/** What of the other customer nobody else may ever read. */
const secrets = ["KA-2", "Oriel Works", "A secret of theirs", theirs];

interface Answers {
  get: number;
  post: number;
  /** Why this address answers a customer with something else than 404. */
  because: string;
}

/**
 * Every address that is there for a customer although the address names nothing of theirs. All other
 * routes answer 404, so that a new one fails here until it does or has its reason.
 */
const open: Record<string, Answers> = {
  "routes/_index": { get: 302, post: 405, because: "leads to the own invoices" },
  "routes/settings": { get: 302, post: 405, because: "leads to the own settings" },
  "routes/verify._index": { get: 302, post: 405, because: "leads to the own page" },
  "routes/c.$customer._index": { get: 302, post: 405, because: "leads to the own list" },
  "routes/c.$customer.invoices._index": { get: 200, post: 405, because: "the own list" },
  "routes/c.$customer.disputes._index": { get: 200, post: 405, because: "the own list" },
  "routes/c.$customer.settings": { get: 200, post: 422, because: "the own settings" },
  "routes/c.$customer.verify": { get: 200, post: 405, because: "knows the own records alone" },
  "routes/verify.file": { get: 200, post: 405, because: "for everyone; checks in the browser" },
  "routes/choose-customer": { get: 200, post: 405, because: "names the own companies alone" },
  "routes/sign-in": { get: 302, post: 302, because: "for everyone; leads to the own invoices" },
  "routes/sign-in_.confirm": { get: 200, post: 403, because: "for everyone with a link" },
  "routes/sign-in_.sent": { get: 200, post: 405, because: "the same words for everyone" },
  "routes/sessions": { get: 302, post: 302, because: "ends the own sessions" },
  "routes/sign-out": { get: 302, post: 302, because: "ends the own session" },
  "routes/[.]well-known.security[.]txt": { get: 200, post: 405, because: "for everyone" },
  "routes/[favicon.ico]": { get: 301, post: 405, because: "a picture" },
  "routes/api.v1.invoices": { get: 200, post: 405, because: "the own list" },
  "routes/api.v1.disputes": { get: 200, post: 405, because: "the own list" },
  "routes/api.v1.ledger": { get: 200, post: 405, because: "the own events" },
  "routes/api.v1.openapi[.]json": { get: 200, post: 405, because: "for everyone" },
  "routes/api._index": { get: 200, post: 405, because: "for everyone" },
};

/** What the API's lists may be asked for of another's; whoever asks for more is told 400. */
const askedOfLists: Record<string, (other: string) => string> = {
  "routes/api.v1.invoices": (other) => `?customer=${other}&connection=erp`,
  "routes/api.v1.disputes": (other) => `?customer=${other}`,
};

/** API addresses that take no POST: they say so without looking at the id. */
const noPost = [
  "routes/api.v1.disputes_.$id",
  "routes/api.v1.invoices_.$id",
  "routes/api.v1.invoices_.$id_.events",
  "routes/api.v1.deliveries",
  "routes/api.v1.outbox",
];

const Routes = z.record(
  z.string(),
  z.object({
    id: z.string(),
    parentId: z.string().optional(),
    path: z.string().optional(),
    index: z.boolean().optional(),
    module: z.object({ action: z.unknown().optional(), default: z.unknown().optional() }),
  }),
);

/** The routes that were built, each with its whole address. */
async function builtRoutes() {
  const file = join(import.meta.dirname, "../build/server/index.js");
  const { routes } = z.object({ routes: Routes }).parse(await import(file));
  const addressOf = (id: string | undefined): string => {
    const route = id === undefined ? undefined : routes[id];
    if (!route) return "";
    return addressOf(route.parentId) + (route.path ? `/${route.path}` : "");
  };
  return Object.values(routes)
    .filter(({ id }) => !["root", "routes/c.$customer"].includes(id))
    .map(({ id, index, module }) => ({
      id,
      address: addressOf(id) || "/",
      index: index === true,
      acts: module.action !== undefined,
    }));
}

/** Two customers, the other one with everything that has an id; gives all of these ids. */
async function twoCustomers(portal: TestPortal) {
  const context = portal.portal;
  const customer = { customer: { id: "C-2", name: "Oriel Works" } };
  const own = { customer: { id: "C-1", name: "Meridian" } };
  await portal.deliver("erp", invoiceIssued("KA-1", own));
  await portal.deliver("erp", invoiceIssued("KA-2", customer));
  await portal.deliver("erp", invoiceIssued("KA-DRAFT", { ...own, status: "draft" }));
  await portal.settled();
  const mine = await portal.addCustomer("Meridian", ours);
  const other = await portal.addCustomer("Oriel Works", theirs);
  await portal.addStaff("desk@kestrel.example", "administrator");
  const invoice = await portal.invoiceId("KA-2");
  const { post } = await portal.as(theirs);
  const dispute = { reason: "price_incorrect", part: "whole", message: "A secret of theirs" };
  expect((await post(`/invoices/${invoice}/dispute`, dispute)).status).toBe(302);
  const moved = await movedFromThem(portal, { post, customer, own, dispute });
  const key = await createKey(context, operator, { name: "k", role: "customer", customer: other });
  const invitation = await inviteUser(context, {
    customerId: other,
    email: "new@oriel.example",
    name: "New",
    role: "member",
    source: operator,
    inviter: { userId: null, name: "Oriel" },
    side: "supplier",
  });
  await portal.settled();
  const tables = [
    "invoices",
    "disputes",
    "deliveries",
    "outbox",
    "organization",
    "customer_records",
    "connections",
    "user",
    "member",
  ] as const;
  const ids = new Set(["KA-2", "D-KA-2-01", "KA-DRAFT", key.id, invitation, "1", "unknown"]);
  for (const table of tables) {
    const rows = await context.db.selectFrom(table).select("id").limit(4).execute();
    expect(rows.length, table).toBeGreaterThan(0);
    for (const { id } of rows) ids.add(String(id));
  }
  // Our own are found; all of the rest are theirs or the supplier's.
  ids.delete(await portal.invoiceId("KA-1"));
  ids.delete(moved);
  ids.add("D-KA-3-01");
  ids.add(await portal.invoiceId("KA-DRAFT"));
  return { mine, other, invoice, invitation, ids: [...ids] };
}

interface Moving {
  post: Awaited<ReturnType<TestPortal["as"]>>["post"];
  customer: Record<string, unknown>;
  own: object;
  dispute: Record<string, string>;
}

/** An invoice that is ours by now, and that they disputed while it was theirs; gives its id. */
async function movedFromThem(portal: TestPortal, { post, customer, own, dispute }: Moving) {
  await portal.deliver("erp", invoiceIssued("KA-3", customer));
  await portal.settled();
  const id = await portal.invoiceId("KA-3");
  expect((await post(`/invoices/${id}/dispute`, dispute)).status).toBe(302);
  await portal.deliver("erp", invoiceIssued("KA-3", { ...own, version: 2 }));
  await portal.settled();
  return id;
}

const form = (other: { other: string; invoice: string }) =>
  new URLSearchParams({
    do: "comment",
    text: "Hello",
    reason: "other",
    part: "whole",
    message: "Mine",
    customerId: other.other,
    customer: other.other,
    invoiceId: other.invoice,
    invoice: other.invoice,
  });

/** Asks and checks the status, and that nothing of the other customer is in the answer. */
async function expectAnswer(portal: TestPortal, path: string, status: number, sent: RequestInit) {
  const answer = await fetch(portal.url + path, { redirect: "manual", ...sent });
  const what = `${sent.method ?? "GET"} ${path}`;
  expect(answer.status, what).toBe(status);
  // The answer may repeat what was asked for.
  const text = (await answer.text()).replaceAll(path.replace(/\.data$|\?.*$/, ""), "");
  for (const secret of secrets) expect(text, what).not.toContain(secret);
}

test("every route is 404 to a customer with the ids of another, or has a reason", async () => {
  await using portal = await startTestPortal({ environment: production });
  const other = await twoCustomers(portal);
  const { cookie } = await portal.as(ours);
  const headers = { cookie, origin: new URL(portal.url).origin };
  const before = await portal.events();
  const routes = (await builtRoutes()).filter(({ id }) => !id.startsWith("routes/api."));
  expect(routes.length).toBeGreaterThan(30);
  for (const { id, address, index, acts } of routes) {
    // Whoever holds an invitation's own address was mailed it: that id is the key to it.
    const ids = other.ids.filter(
      (each) => id !== "routes/invitation.$id" || each !== other.invitation,
    );
    const paths = [
      ...ids.filter((each) => each !== other.mine).flatMap((each) => inAnother(address, each)),
      ...(open[id] ? [] : inOwn(address, other.mine, ids)),
    ];
    const posted = acts ? 404 : 405;
    for (const path of paths) {
      await expectAnswer(portal, path, 404, { headers });
      await expectAnswer(portal, `${path}.data`, 404, { headers });
      const to = index ? `${path}?index` : path;
      await expectAnswer(portal, to, posted, { method: "POST", body: form(other), headers });
    }
  }
  expect(await portal.events()).toHaveLength(before.length);
});

test("what is open to every customer says nothing of another", async () => {
  await using portal = await startTestPortal({ environment: production });
  const other = await twoCustomers(portal);
  const asked = `customer=${other.other}&customerId=${other.other}&invoice=${other.invoice}&after=0`;
  const routes = await builtRoutes();
  const known = routes.map(({ id }) => id);
  expect(Object.keys(open).filter((id) => !known.includes(id))).toEqual([]);
  for (const { id, address, index } of routes.filter((route) => open[route.id])) {
    if (id.startsWith("routes/api.")) continue;
    const { get, post } = open[id] ?? { get: 404, post: 404 };
    const { cookie } = await portal.as(ours);
    const headers = { cookie, origin: new URL(portal.url).origin };
    const path = address.replace(":customer", other.mine);
    await expectAnswer(portal, `${path}?${asked}`, get, { headers });
    const to = index ? `${path}?index` : path;
    await expectAnswer(portal, to, post, { method: "POST", body: form(other), headers });
  }
});

test("every path of the API is 404 to a customer's key with the ids of another", async () => {
  await using portal = await startTestPortal({ environment: production });
  const other = await twoCustomers(portal);
  const made = { name: "ours", role: "customer", customer: other.mine } as const;
  const { key } = await createKey(portal.portal, operator, made);
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const { cookie } = await portal.as(ours);
  const before = await portal.events();
  const body = JSON.stringify({ reason: "other", message: "Mine", amount: 1000 });
  const routes = (await builtRoutes()).filter(({ id }) => id.startsWith("routes/api."));
  expect(routes.length).toBeGreaterThan(8);
  for (const { id, address } of routes) {
    const { get = 404, post = noPost.includes(id) ? 405 : 404 } = open[id] ?? {};
    const paths = /[:*]/.test(address)
      ? other.ids.map((each) => fill(address, each))
      : [address, address + (askedOfLists[id]?.(other.other) ?? "")];
    for (const path of paths) {
      await expectAnswer(portal, path, get, { headers });
      await expectAnswer(portal, path, post, { method: "POST", body, headers });
      if (id !== "routes/api.v1.disputes_.$id") continue;
      await expectAnswer(portal, path, 404, { method: "PATCH", body, headers });
    }
    // A signed-in browser is nobody here: the API reads keys alone.
    const isForEveryone = open[id]?.because === "for everyone";
    const status = isForEveryone ? 200 : 401;
    await expectAnswer(portal, paths[0] ?? address, status, { headers: { cookie } });
  }
  expect(await portal.events()).toHaveLength(before.length);
});

test("no socket comes into another customer's room, whatever it asks for", async () => {
  await using portal = await startTestPortal();
  const other = await twoCustomers(portal);
  const { cookie, seat } = await portal.as(ours);
  const room = `customer:${other.other}`;
  const connect = (auth: object) =>
    io(portal.url, {
      path: livePath,
      transports: ["websocket"],
      extraHeaders: { cookie, origin: portal.url },
      auth,
      query: { room, customer: other.other },
      reconnection: false,
      forceNew: true,
    });
  for (const customer of [...other.ids.filter((id) => id !== other.mine), null]) {
    const refused = connect({ ...seat, customer });
    await new Promise((resolve) => refused.once("connect_error", resolve));
    refused.close();
  }
  const socket = connect({ ...seat, room, customerId: other.other });
  const heard: LiveMessage[] = [];
  socket.onAny((_name, message: LiveMessage) => heard.push(message));
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("connect_error", reject);
  });
  for (const word of ["join", "subscribe", "room", "catch-up"]) {
    for (const target of [room, "finance", { room, after: 0, customerId: other.other }]) {
      socket.emit(word, target);
    }
  }
  await portal.deliver("erp", paymentReceived("KA-2", { id: "P-2", amount: "10.00" }));
  await portal.settled();
  await portal.deliver("erp", paymentReceived("KA-1", { id: "P-1", amount: "10.00" }));
  await expect.poll(() => heard.length).toBeGreaterThan(0);
  socket.close();
  expect(heard.map(({ invoice }) => invoice.number)).toEqual(["KA-1"]);
  for (const secret of secrets) expect(JSON.stringify(heard)).not.toContain(secret);
});

/** A page of the customer with this id; none for an address outside of customers' pages. */
function inAnother(address: string, id: string): string[] {
  if (!address.startsWith("/c/:customer")) return [];
  return [fill(fill(address, id), "KA-1")];
}

/** A page with each of these ids, a customer's page in the own company. */
function inOwn(address: string, mine: string, ids: string[]): string[] {
  const own = address.replace(":customer", mine);
  return /[:*]/.test(own) ? ids.map((id) => fill(own, id)) : [own];
}

function fill(address: string, id: string): string {
  return address.replace(/:\w+|\*/, encodeURIComponent(id));
}
