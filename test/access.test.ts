import { expect, test } from "vitest";
import {
  perAddressADay,
  perAdministratorAnHour,
  perCustomerADay,
} from "#server/people/invitation-limits.ts";
import { startTestPortal, type TestPortal } from "./support/start-portal.ts";
import { startSmtp } from "./support/smtp.ts";
import { invoiceIssued } from "./support/standard-event.ts";

const anna = "anna@alpha.example";
const bert = "bert@beta.example";
const invite = { do: "invite", role: "member" };

/** Signs in at the invited address, opens the invitation and accepts it; gives the last answer. */
async function accept(portal: TestPortal, email: string, form: Record<string, string> = {}) {
  const invitation = await portal.portal.db
    .selectFrom("invitation")
    .where("email", "=", email)
    .where("status", "=", "pending")
    .select("id")
    .executeTakeFirstOrThrow();
  return (await portal.as(email)).post(`/invitation/${invitation.id}`, form);
}

test("nobody is drawn into a company by signing in, and nobody else learns their name", async () => {
  await using portal = await startTestPortal();
  await portal.addCustomer("Alpha", anna);
  const beta = await portal.addCustomer("Beta", bert);
  await portal.portal.writer
    .updateTable("user")
    .set({ name: "Bert Beta" })
    .where("email", "=", bert)
    .execute();
  const admin = await portal.as(anna);
  const invited = { ...invite, email: bert, name: "Someone" };
  expect((await admin.post("/settings", invited)).status).toBe(302);
  const { page, headers } = await portal.as(bert);
  expect(await page("/settings")).toContain(`${bert}, Beta`);
  const list = await fetch(`${portal.url}/invoices`, { headers });
  expect(list.url).toContain(`/c/${beta}/invoices`);
  const people = await admin.page("/settings");
  expect(people).toContain("Someone");
  expect(people).not.toContain("Bert Beta");

  expect((await accept(portal, bert)).status).toBe(302);
  expect(await admin.page("/settings")).toContain("Bert Beta");
  const chooser = await fetch(`${portal.url}/invoices`, { headers });
  expect(await chooser.text()).toContain("Choose a company");
});

test("a name that an inviter gave is nobody's until its person says it", async () => {
  await using portal = await startTestPortal();
  await portal.addCustomer("Alpha", anna);
  const beta = await portal.addCustomer("Beta", bert);
  const cfo = "newcfo@beta.example";
  const { post } = await portal.as(anna);
  expect((await post("/settings", { ...invite, email: cfo, name: "Wrong Name" })).status).toBe(302);
  await portal.addStaff("ada@kestrel.example", "administrator");
  const ada = await portal.as("ada@kestrel.example");
  const invited = { ...invite, email: cfo, name: "Clara Weber" };
  expect((await ada.post(`/finance/customers/${beta}`, invited)).status).toBe(302);
  const shown = await ada.page(`/finance/customers/${beta}`);
  expect(shown).toContain("Clara Weber");
  expect(shown).not.toContain("Wrong Name");
  const names = [
    "IBAN changed: DE00 1234 (call me)",
    "URGENT +31 6 1234",
    "a\u202Eb",
    "x".repeat(61),
  ];
  for (const name of names) {
    expect((await post("/settings", { ...invite, email: "p@alpha.example", name })).status).toBe(
      422,
    );
  }
});

test("who is removed leaves no way in by what they invited to", async () => {
  await using portal = await startTestPortal();
  const alpha = await portal.addCustomer("Alpha", anna);
  await portal.addStaff("ada@kestrel.example", "administrator");
  await portal.addStaff("marit@kestrel.example");
  const ada = await portal.as("ada@kestrel.example");
  const admin = await portal.as(anna);
  const marit = await portal.as("marit@kestrel.example");
  const [first, second, third] = ["a@mail.example", "b@mail.example", "c@mail.example"] as const;
  const invited = (email: string) => ({ do: "invite", role: "admin", email, name: "Some Body" });
  expect((await admin.post("/settings", invited(first))).status).toBe(302);
  expect((await marit.post(`/finance/customers/${alpha}`, invited(second))).status).toBe(302);
  expect((await ada.post(`/finance/customers/${alpha}`, invited(third))).status).toBe(302);
  const { db, writer } = portal.portal;
  const user = async (email: string) =>
    (await db.selectFrom("user").where("email", "=", email).select("id").executeTakeFirstOrThrow())
      .id;
  const removal = { do: "remove", user: await user(anna) };
  expect((await ada.post(`/finance/customers/${alpha}`, removal)).status).toBe(302);
  const end = { do: "end", user: await user("marit@kestrel.example") };
  expect((await ada.post("/finance/people", end)).status).toBe(302);
  const open = await db
    .selectFrom("invitation")
    .where("status", "=", "pending")
    .selectAll()
    .execute();
  expect(open.map(({ email }) => email)).toEqual([third]);
  expect(JSON.stringify(await portal.events())).toContain('"invitationsRevoked":1');
  // One that was written while they went is refused when it is accepted.
  await writer.updateTable("invitation").set({ status: "pending" }).execute();
  for (const email of [first, second]) {
    expect((await accept(portal, email, { name: "Some Body" })).status, email).toBe(410);
  }
  expect((await accept(portal, third, { name: "Some Body" })).status).toBe(302);
});

test("a customer's administrators send a bounded number of invitations", async () => {
  await using portal = await startTestPortal();
  const alpha = await portal.addCustomer("Alpha", anna);
  const { post } = await portal.as(anna);
  const send = (email: string) => post("/settings", { ...invite, email, name: "P" });
  for (let count = 0; count < perAddressADay; count++) {
    expect((await send("one@alpha.example")).status).toBe(302);
  }
  expect((await send("one@alpha.example")).status).toBe(429);
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, index) => send(`p${index}@alpha.example`)),
  );
  const sent = answers.filter(({ status }) => status === 302);
  expect(sent).toHaveLength(perAdministratorAnHour - perAddressADay);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(40 - sent.length);
  const mails = portal.portal.db.selectFrom("outbox").where("what", "=", "invitation").select("id");
  expect(await mails.execute()).toHaveLength(perAdministratorAnHour);

  // Others of the same company do not go beyond its day.
  const earlier = new Date(Date.now() - 2 * 3_600_000).toISOString();
  for (let count = perAdministratorAnHour; count < perCustomerADay; count++) {
    await portal.portal.writer.updateTable("invitation").set({ createdAt: earlier }).execute();
    expect((await send(`q${count}@alpha.example`)).status).toBe(302);
  }
  await portal.portal.writer.updateTable("invitation").set({ createdAt: earlier }).execute();
  expect((await send("last@alpha.example")).status).toBe(429);
  // The supplier's own people are not bound by it.
  await portal.addStaff("ada@kestrel.example", "administrator");
  const ada = await portal.as("ada@kestrel.example");
  const more = { ...invite, email: "more@alpha.example", name: "More" };
  expect((await ada.post(`/finance/customers/${alpha}`, more)).status).toBe(302);
});

test("an administrator always remains, and a customer's person is never staff by a form", async () => {
  await using portal = await startTestPortal();
  await portal.addCustomer("Alpha", anna);
  await portal.addStaff("ada@kestrel.example", "administrator");
  const ada = await portal.as("ada@kestrel.example");
  const add = (fields: Record<string, string>) =>
    ada.post("/finance/people", { do: "add", ...fields });
  const own = { email: "ada@kestrel.example", name: "Ada", role: "auditor" };
  const last = await add(own);
  expect(last.status).toBe(409);
  expect(await last.text()).toContain("Somebody else has to be an administrator first");
  const customers = await add({ email: anna, name: "Auditor Anna", role: "auditor" });
  expect(customers.status).toBe(409);
  expect(await customers.text()).toContain("works for Alpha");
  const user = portal.portal.db.selectFrom("user").where("email", "=", anna);
  expect(await user.select(["name", "staffRole"]).executeTakeFirst()).toEqual({
    name: anna,
    staffRole: null,
  });
  const second = { email: "bob@kestrel.example", name: "Bob", role: "administrator" };
  expect((await add(second)).status).toBe(302);
  expect((await add(own)).status).toBe(302);
});

test("no page and no data of one is kept by a browser or a proxy", async () => {
  await using portal = await startTestPortal();
  await portal.deliver("erp", invoiceIssued("KA-1", { customer: { id: "C-1", name: "Alpha" } }));
  await portal.settled();
  await portal.addCustomer("Alpha", anna);
  await portal.addStaff("ada@kestrel.example", "administrator");
  const ada = await portal.as("ada@kestrel.example");
  const { at, headers, post } = await portal.as(anna);
  const pages = ["/invoices", "/invoices.data", "/invoices/KA-1", "/settings", "/invoices/none"];
  const own = [...pages.map(at), ...["/sign-in", "/sign-in/confirm?token=x", "/"].map(at)];
  for (const url of own) {
    const answer = await fetch(url, { headers, redirect: "manual" });
    expect(answer.headers.get("cache-control"), url).toBe("no-store");
  }
  for (const path of ["/finance/keys", "/finance/disputes", "/finance/disputes.data"]) {
    const answer = await fetch(portal.url + path, { headers: ada.headers });
    expect(answer.headers.get("cache-control"), path).toBe("no-store");
  }
  const out = await post("/sign-out", {});
  expect(out.headers.get("clear-site-data")).toBe('"cache", "storage"');
});

test("sessions go on under a new secret while the old one is named, and end by it", async () => {
  const old = "a secret of the tests that is long enough";
  await using first = await startTestPortal();
  await first.addCustomer("Alpha", anna);
  const { headers } = await first.as(anna);
  await first.close();
  const secrets = `another secret of the tests that is long enough,${old}`;
  const next = await startTestPortal({
    dataDir: first.dataDir,
    environment: { APP_SECRET: secrets },
  });
  try {
    const open = () => fetch(`${next.url}/choose-customer`, { headers, redirect: "manual" });
    expect((await open()).status).toBe(200);
    const origin = next.url;
    await fetch(`${next.url}/sign-out`, { method: "POST", headers: { ...headers, origin } });
    expect((await open()).status).toBe(302);
  } finally {
    await next.close();
  }
});

test("cookies belong to the portal's host alone where it has TLS", async () => {
  await using portal = await startTestPortal({
    environment: { PUBLIC_URL: "https://portal.example" },
  });
  await portal.addCustomer("Alpha", anna);
  const { cookie } = await portal.as(anna);
  expect(cookie).toMatch(/^__Host-portal\.session_token=/);
  const url = `http://127.0.0.1:${portal.portal.config.port}`;
  const signedIn = await fetch(`${url}/choose-customer`, { headers: { cookie } });
  expect(signedIn.url).toContain("/choose-customer");
  const asked = await fetch(`${url}/sign-in`, {
    method: "POST",
    body: new URLSearchParams({ email: anna }),
    headers: { origin: "https://portal.example" },
    redirect: "manual",
  });
  const [browser = ""] = asked.headers.getSetCookie();
  expect(browser).toMatch(/^__Host-portal\.browser=.*Path=\/;.*Secure/);
});

test("a link that was used signs in whom it signed in before, in the same browser", async () => {
  await using portal = await startTestPortal();
  await portal.addCustomer("Alpha", anna);
  const link = new URL(await portal.portal.auth.createLink(anna));
  const send = (cookie: string) =>
    fetch(`${portal.url}/sign-in/confirm`, {
      method: "POST",
      body: new URLSearchParams(link.searchParams),
      headers: { origin: portal.url, cookie },
      redirect: "manual",
    });
  const first = await send("");
  const cookie = first.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  expect((await send(cookie)).status).toBe(302);
  expect((await send("")).status).toBe(410);
});

test("sessions end unused, are listed, and the others end at a press", async () => {
  await using portal = await startTestPortal();
  await portal.addCustomer("Alpha", anna);
  const here = await portal.as(anna);
  const there = await portal.as(anna);
  const isIn = async ({ headers }: typeof here) =>
    (await fetch(`${portal.url}/choose-customer`, { headers, redirect: "manual" })).status === 200;
  expect(await here.page("/settings")).toContain("Sign out everywhere else");
  expect((await here.post("/sessions", { which: "others", to: "/settings" })).status).toBe(302);
  expect([await isIn(here), await isIn(there)]).toEqual([true, false]);
  expect(await here.page("/settings")).not.toContain("Sign out everywhere else");

  const unused = await portal.as(anna);
  const updatedAt = new Date(Date.now() - 3 * 86_400_000 - 1_000).toISOString();
  await portal.portal.writer.updateTable("session").set({ updatedAt }).execute();
  expect([await isIn(here), await isIn(unused)]).toEqual([false, false]);
  // One that is used goes on.
  const used = await portal.as(anna);
  const hourAgo = new Date(Date.now() - 3_600_000).toISOString();
  const own = { updatedAt: hourAgo };
  await portal.portal.writer.updateTable("session").set(own).execute();
  expect(await isIn(used)).toBe(true);
  const noted = await portal.portal.db.selectFrom("session").select("updatedAt").execute();
  expect(noted.filter((session) => session.updatedAt > hourAgo)).toHaveLength(1);

  await portal.addStaff("ada@kestrel.example");
  const [first, second] = [
    await portal.as("ada@kestrel.example"),
    await portal.as("ada@kestrel.example"),
  ];
  expect(await first.page("/finance/settings")).toContain("Sign out everywhere");
  const out = await first.post("/sessions", { which: "all" });
  expect(out.headers.get("location")).toBe("/sign-in");
  expect([await isIn(first), await isIn(second)]).toEqual([false, false]);
});

test("a form without scripts is not taken from a page that was drawn for somebody else", async () => {
  await using portal = await startTestPortal();
  await portal.deliver("erp", invoiceIssued("KA-1", { customer: { id: "C-1", name: "Alpha" } }));
  await portal.settled();
  await portal.addCustomer("Alpha", anna);
  const { page, post, seat } = await portal.as(anna);
  expect(await page("/invoices/KA-1")).toContain(`name="portal-person" value="${seat.person}"`);
  const comment = { do: "comment", text: "Hello" };
  const refused = await post("/invoices/KA-1", { ...comment, "portal-person": "usr_other" });
  expect(refused.status).toBe(409);
  expect(await refused.text()).toContain("Hello");
  expect((await post("/invoices/KA-1", { ...comment, "portal-person": seat.person })).status).toBe(
    302,
  );
});

test("an address without a company leads to the one that has what it names", async () => {
  await using portal = await startTestPortal();
  for (const [number, name] of [
    ["KA-1", "Alpha"],
    ["KA-2", "Beta"],
  ] as const) {
    await portal.deliver("erp", invoiceIssued(number, { customer: { id: `C-${name}`, name } }));
  }
  await portal.settled();
  const alpha = await portal.addCustomer("Alpha", anna);
  const beta = await portal.addCustomer("Beta", bert);
  const { db, writer } = portal.portal;
  const { id: userId } = await db
    .selectFrom("user")
    .where("email", "=", anna)
    .select("id")
    .executeTakeFirstOrThrow();
  const member = { id: "mem_two", organizationId: beta, userId, role: "member" };
  await writer
    .insertInto("member")
    .values({ ...member, createdAt: new Date().toISOString() })
    .execute();
  const dispute = { reason: "other", part: "whole", message: "Look", amount: "1250.50" };
  const opener = await portal.as(bert);
  await opener.post("/invoices/KA-2/dispute", { ...dispute, agreed: "125050", whole: "125050" });
  const { headers } = await portal.as(anna);
  const leadsTo = async (path: string) =>
    (await fetch(portal.url + path, { headers, redirect: "manual" })).headers.get("location");
  const [first, second] = [await portal.invoiceId("KA-1"), await portal.invoiceId("KA-2")];
  expect(await leadsTo(`/invoices/${first}`)).toBe(`/c/${alpha}/invoices/${first}`);
  expect(await leadsTo(`/invoices/${second}`)).toBe(`/c/${beta}/invoices/${second}`);
  expect(await leadsTo("/settings")).toBe("/choose-customer?to=%2Fsettings");
  const row = await db.selectFrom("disputes").select("id").executeTakeFirstOrThrow();
  expect(await leadsTo(`/disputes/${row.id}`)).toBe(`/c/${beta}/disputes/${row.id}`);
  const foreign = await fetch(`${portal.url}/invoices/${first}`, { headers: opener.headers });
  expect(foreign.status).toBe(404);
  expect(await foreign.text()).toContain(`You are signed in as ${bert}`);
});

test("an invitation that its address refused says so on both pages, and can be sent again", async () => {
  await using smtp = await startSmtp();
  await using portal = await startTestPortal({ environment: { SMTP_URL: smtp.url } });
  const alpha = await portal.addCustomer("Alpha", anna);
  const admin = await portal.as(anna);
  await portal.addStaff("boss@kestrel.example", "administrator");
  const boss = await portal.as("boss@kestrel.example");
  smtp.treat("no-recipient");
  const invited = { ...invite, email: "Typo@alpha.example", name: "Tara" };
  expect((await admin.post("/settings", invited)).status).toBe(302);
  await portal.settled();
  const told = "invited, but the address refused the mail";
  expect(await admin.page("/settings")).toContain(told);
  expect(await boss.page(`/finance/customers/${alpha}`)).toContain("The address refused the mail");

  const { db } = portal.portal;
  const mail = db.selectFrom("outbox").where("what", "=", "invitation").selectAll();
  const { id } = await mail.executeTakeFirstOrThrow();
  expect((await boss.post(`/finance/outbox/${id}`, { do: "retry" })).status).toBe(302);
  await portal.settled();
  expect(smtp.mails.map(({ envelope }) => envelope.to)).toContain("typo@alpha.example");
  expect(await admin.page("/settings")).not.toContain(told);
});
