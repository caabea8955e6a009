import { io, type Socket } from "socket.io-client";
import { expect, test } from "vitest";
import { linkRecord, unlinkRecord } from "#server/customers/link-record.ts";
import type { CaughtUp, LiveMessage } from "#server/live/message.ts";
import { livePath } from "#server/live/path.ts";
import { startTestPortal, type TestPortal } from "./support/start-portal.ts";
import { invoiceIssued, paymentReceived } from "./support/standard-event.ts";

const ours = "ines@meridian.example";
const theirs = "oriel@oriel.example";
const staff = "jeroen@kestrel.example";

interface Reader {
  cookie: string;
  seat: { customer?: string | null | undefined; person: string };
}

/** A page's live connection, with what it heard. */
function listen(
  portal: TestPortal,
  { cookie, seat }: Reader,
  headers: Record<string, string> = {},
) {
  const socket: Socket = io(portal.url, {
    path: livePath,
    transports: ["websocket"],
    extraHeaders: { cookie, origin: portal.url, ...headers },
    auth: seat,
    reconnection: false,
    forceNew: true,
  });
  const heard: LiveMessage[] = [];
  let reloads = 0;
  socket.on("event", (message: LiveMessage) => heard.push(message));
  socket.on("reload", () => (reloads += 1));
  const connected = new Promise<boolean>((resolve) => {
    socket.once("connect", () => resolve(true));
    socket.once("connect_error", () => resolve(false));
  });
  const ended = new Promise<string>((resolve) => socket.once("disconnect", resolve));
  return {
    socket,
    heard,
    reloads: () => reloads,
    connected,
    ended,
    catchUp: (after: unknown) =>
      socket.timeout(2000).emitWithAck("catch-up", { after }) as Promise<CaughtUp>,
    [Symbol.dispose]: () => void socket.close(),
  };
}

async function twoCustomers(portal: TestPortal) {
  await portal.deliver("erp", invoiceIssued("KA-1", { customer: { id: "C-1", name: "Meridian" } }));
  await portal.deliver("erp", invoiceIssued("KA-2", { customer: { id: "C-2", name: "Oriel" } }));
  await portal.settled();
  await portal.addCustomer("Meridian", ours);
  await portal.addCustomer("Oriel", theirs);
  await portal.addStaff(staff);
}

test("a change reaches the open pages of its customer and of finance, and nobody else", async () => {
  await using portal = await startTestPortal();
  await twoCustomers(portal);
  using ines = listen(portal, await portal.as(ours));
  using oriel = listen(portal, await portal.as(theirs));
  using desk = listen(portal, await portal.as(staff));
  for (const page of [ines, oriel, desk]) expect(await page.connected).toBe(true);
  await portal.deliver("erp", paymentReceived("KA-1", { id: "P-1", amount: "250.50" }));
  await expect.poll(() => ines.heard.length).toBe(1);
  expect(ines.heard[0]).toMatchObject({
    type: "payment.received",
    invoice: {
      number: "KA-1",
      status: "partially_paid",
      currency: "EUR",
      paid: 25_050,
      due: 100_000,
    },
  });
  expect(JSON.stringify(ines.heard)).not.toContain("customerId");
  await expect.poll(() => desk.heard.length).toBe(1);
  await portal.deliver("erp", paymentReceived("KA-2", { id: "P-2", amount: "1250.50" }));
  await expect.poll(() => oriel.heard.map(({ invoice }) => invoice.number)).toEqual(["KA-2"]);
  await expect.poll(() => desk.heard.length).toBe(2);
  expect(ines.heard).toHaveLength(1);
});

test("no page asks its way into another room", async () => {
  await using portal = await startTestPortal();
  await twoCustomers(portal);
  using ines = listen(portal, await portal.as(ours));
  expect(await ines.connected).toBe(true);
  for (const word of ["join", "subscribe", "room"]) ines.socket.emit(word, "finance");
  const before = (await portal.events()).at(-1)?.sequence ?? 0;
  await portal.deliver("erp", paymentReceived("KA-2", { id: "P-2", amount: "1250.50" }));
  await portal.deliver("erp", paymentReceived("KA-1", { id: "P-1", amount: "1250.50" }));
  await expect.poll(() => ines.heard.length).toBe(1);
  expect(ines.heard[0]?.invoice.number).toBe("KA-1");
  const all = await ines.catchUp(before);
  expect(all.reload).toBe(false);
  const numbers = all.reload ? [] : all.messages.map(({ invoice }) => invoice.number);
  expect(numbers).toEqual(["KA-1"]);
});

test("a page sits in the room of the company that it shows, if its person is of it", async () => {
  await using portal = await startTestPortal();
  await twoCustomers(portal);
  const meridian = await portal.as(ours);
  const oriel = await portal.as(theirs);
  for (const customer of [oriel.seat.customer, "cus_unknown", null, undefined]) {
    using page = listen(portal, { ...meridian, seat: { ...meridian.seat, customer } });
    expect(await page.connected, String(customer)).toBe(false);
  }
  const asOriel = { ...meridian, seat: { ...meridian.seat, person: oriel.seat.person } };
  using drawnForOriel = listen(portal, asOriel);
  expect(await drawnForOriel.connected).toBe(false);
  const [both, first] = [await joined(portal, oriel.seat.customer ?? ""), meridian.seat.customer];
  using of1 = listen(portal, { ...both, seat: { ...both.seat, customer: first } });
  using of2 = listen(portal, both);
  expect([await of1.connected, await of2.connected]).toEqual([true, true]);
  await portal.deliver("erp", paymentReceived("KA-1", { id: "P-1", amount: "1.00" }));
  await portal.deliver("erp", paymentReceived("KA-2", { id: "P-2", amount: "1.00" }));
  await expect.poll(() => of1.heard.map(({ invoice }) => invoice.number)).toEqual(["KA-1"]);
  await expect.poll(() => of2.heard.map(({ invoice }) => invoice.number)).toEqual(["KA-2"]);
});

/** Lets our person into the other customer, too. */
async function joined(portal: TestPortal, organizationId: string) {
  const { id: userId } = await portal.portal.db
    .selectFrom("user")
    .where("email", "=", ours)
    .select("id")
    .executeTakeFirstOrThrow();
  const member = { id: "mem_two", organizationId, userId, role: "member" };
  await portal.portal.writer
    .insertInto("member")
    .values({ ...member, createdAt: new Date().toISOString() })
    .execute();
  return portal.as(ours, organizationId);
}

test("what was missed is read from the ledger, once and in order", async () => {
  await using portal = await startTestPortal();
  await twoCustomers(portal);
  const reader = await portal.as(ours);
  const before = (await portal.events()).at(-1)?.sequence ?? 0;
  for (const id of ["P-1", "P-2", "P-3"]) {
    await portal.deliver("erp", paymentReceived("KA-1", { id, amount: "100.00" }));
    await portal.deliver("erp", paymentReceived("KA-2", { id, amount: "100.00" }));
  }
  await portal.settled();
  using ines = listen(portal, reader);
  await ines.connected;
  const missed = await ines.catchUp(before);
  if (missed.reload) throw new Error("nothing was caught up");
  expect(missed.messages.map(({ type }) => type)).toEqual(Array(3).fill("payment.received"));
  const sequences = missed.messages.map(({ sequence }) => sequence);
  expect(sequences).toEqual(sequences.toSorted((a, b) => a - b));
  expect(missed.messages.at(-1)?.invoice.paid).toBe(30_000);
  expect(await ines.catchUp(missed.head)).toMatchObject({ reload: false, messages: [] });
  expect(await ines.catchUp(missed.head + 1000)).toMatchObject({ reload: true, head: missed.head });
});

test("who gets or loses invoices is told to load again, whether connected or away", async () => {
  await using portal = await startTestPortal();
  await twoCustomers(portal);
  const context = portal.portal;
  const finance = { kind: "operator", name: "test" } as const;
  const records = await context.db.selectFrom("customer_records").selectAll().execute();
  const found = records.find(({ name }) => name === "Meridian");
  if (!found?.customer_id) throw new Error("Meridian has no record");
  const meridian = { record: found.id, customer: found.customer_id };
  using ines = listen(portal, await portal.as(ours));
  using oriel = listen(portal, await portal.as(theirs));
  await Promise.all([ines.connected, oriel.connected]);
  const head = async () => (await portal.events()).at(-1)?.sequence ?? 0;
  const reloaded = async (of: typeof ines, after: number) => (await of.catchUp(after)).reload;

  const beforeUnlink = await head();
  await unlinkRecord(context, finance, meridian.record);
  await expect.poll(ines.reloads).toBe(1);
  expect(await reloaded(ines, beforeUnlink)).toBe(true);
  const beforeLink = await head();
  expect(await reloaded(ines, beforeLink)).toBe(false);
  await linkRecord(context, finance, meridian);
  await expect.poll(ines.reloads).toBe(2);
  expect(await reloaded(ines, beforeLink)).toBe(true);
  expect(await reloaded(oriel, beforeUnlink)).toBe(false);
  expect(oriel.reloads()).toBe(0);

  // The system books the invoice on another customer of its own.
  const beforeMove = await head();
  const moved = invoiceIssued("KA-1", { customer: { id: "C-2", name: "Oriel" }, version: 2 });
  await portal.deliver("erp", { ...moved, type: "invoice.updated" });
  await expect.poll(ines.reloads).toBe(3);
  await expect.poll(oriel.reloads).toBe(1);
  expect(await reloaded(ines, beforeMove)).toBe(true);
  expect(await reloaded(oriel, beforeMove)).toBe(true);
  expect(ines.heard).toEqual([]);
  expect(await reloaded(ines, await head())).toBe(false);
});

test("open pages end with signing out or losing the company", async () => {
  await using portal = await startTestPortal();
  await twoCustomers(portal);
  const first = await portal.as(ours);
  const second = await portal.as(theirs);
  using ines = listen(portal, first);
  using oriel = listen(portal, second);
  await Promise.all([ines.connected, oriel.connected]);
  await first.post("/sign-out", {});
  expect(await ines.ended).toBe("io server disconnect");
  await portal.portal.writer.deleteFrom("member").execute();
  expect(await oriel.ended).toBe("io server disconnect");
  using again = listen(portal, first);
  expect(await again.connected).toBe(false);
});

test("only pages of the portal with a session connect", async () => {
  await using portal = await startTestPortal();
  await twoCustomers(portal);
  const reader = await portal.as(ours);
  using foreign = listen(portal, reader, { origin: "https://evil.example" });
  expect(await foreign.connected).toBe(false);
  using nobody = listen(portal, { ...reader, cookie: "" });
  expect(await nobody.connected).toBe(false);
  using forged = listen(portal, { ...reader, cookie: reader.cookie.replace(/.$/, "x") });
  expect(await forged.connected).toBe(false);
  const polled = await fetch(`${portal.url}${livePath}/?EIO=4&transport=polling`, {
    headers: { cookie: reader.cookie, origin: "https://evil.example" },
  });
  expect(polled.status).toBeGreaterThanOrEqual(400);
  using own = listen(portal, reader);
  expect(await own.connected).toBe(true);
});
