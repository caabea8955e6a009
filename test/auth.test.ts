import { expect, test, vi } from "vitest";
import { askedMark } from "#server/access/asked.ts";
import { MailAddress, readMailAddress } from "#domain/mail-address.ts";
import { startTestPortal, type TestPortal } from "./support/start-portal.ts";

const email = "ines@meridian.example";

/** Posts a form of a page that needs no session, as a browser with these cookies would. */
function post(portal: TestPortal, path: string, fields: Record<string, string>, cookie = "") {
  return fetch(portal.url + path, {
    method: "POST",
    body: new URLSearchParams(fields),
    headers: { origin: portal.url, cookie },
    redirect: "manual",
  });
}

function cookiesOf(answer: Response): string {
  return answer.headers
    .getSetCookie()
    .map((cookie) => cookie.split(";")[0])
    .join("; ");
}

/** What a link says, as the fields of the form behind it. */
function fieldsOf(link: string): Record<string, string> {
  return Object.fromEntries(new URL(link).searchParams);
}

async function sessions(portal: TestPortal): Promise<number> {
  return (await portal.portal.db.selectFrom("session").select("id").execute()).length;
}

/** Waits until the mail of a link is in the outbox; it is queued after the answer. */
async function queuedMail(portal: TestPortal) {
  return expect.poll(() =>
    portal.portal.db.selectFrom("outbox").where("what", "=", "sign_in").selectAll().execute(),
  );
}

test("a link signs in once, and by POST only", async () => {
  await using portal = await startTestPortal();
  await portal.addCustomer("Meridian", email);
  const link = await portal.portal.auth.createLink(email);
  for (let scans = 0; scans < 3; scans++) {
    const page = await fetch(link);
    expect(page.status).toBe(200);
    expect(page.headers.getSetCookie().join()).not.toContain("session");
  }
  expect(await sessions(portal)).toBe(0);
  const first = await post(portal, "/sign-in/confirm", fieldsOf(link));
  expect(first.status).toBe(302);
  expect(first.headers.get("location")).toBe("/");
  const [cookie = ""] = first.headers.getSetCookie();
  expect(cookie).toMatch(/HttpOnly/i);
  expect(cookie).toMatch(/SameSite=Lax/i);
  const second = await post(portal, "/sign-in/confirm", fieldsOf(link));
  expect(second.status).toBe(410);
  expect(await second.text()).toContain("used already");
  expect(await sessions(portal)).toBe(1);
});

test("a token is kept hashed and dies after ten minutes", async () => {
  await using portal = await startTestPortal();
  await portal.addCustomer("Meridian", email);
  const link = await portal.portal.auth.createLink(email);
  const { token = "" } = fieldsOf(link);
  const [kept] = await portal.portal.db.selectFrom("verification").selectAll().execute();
  expect(JSON.stringify(kept)).not.toContain(token);
  const minutes = (Date.parse(kept?.expiresAt ?? "") - Date.now()) / 60_000;
  expect(minutes).toBeGreaterThan(9);
  expect(minutes).toBeLessThanOrEqual(10);
  const past = new Date(Date.now() - 1000).toISOString();
  await portal.portal.writer.updateTable("verification").set({ expiresAt: past }).execute();
  expect((await post(portal, "/sign-in/confirm", fieldsOf(link))).status).toBe(410);
});

test("a link works in the browsers that asked for its address and in no other", async () => {
  await using portal = await startTestPortal();
  await portal.addCustomer("Meridian", email);
  const link = await portal.portal.auth.createLink(email, "/", "asked");
  const elsewhere = await post(portal, "/sign-in", { email: "piet@meridian.example" });
  const other = await post(portal, "/sign-in/confirm", fieldsOf(link), cookiesOf(elsewhere));
  expect(other.status).toBe(403);
  const longAgo = askedMark(portal.portal.config.appSecrets, {
    email,
    at: Date.now() / 1000 - 3600,
  });
  for (const made of [
    longAgo,
    "x.y",
    askedMark(["another secret"], { email, at: Date.now() / 1000 }),
    // Somebody who found the link and asked for its address afterwards.
    askedMark(portal.portal.config.appSecrets, { email, at: Math.floor(Date.now() / 1000) + 60 }),
  ]) {
    const cookie = `portal.browser=${made}`;
    expect((await post(portal, "/sign-in/confirm", fieldsOf(link), cookie)).status).toBe(403);
  }
  expect(await other.text()).toContain("in the browser in which you asked");
  const free = {
    ...fieldsOf(link),
    seal: fieldsOf(await portal.portal.auth.createLink(email))["seal"] ?? "",
  };
  expect((await post(portal, "/sign-in/confirm", free)).status).toBe(403);
  // It was used for another address before, and keeps both.
  const cookie = cookiesOf(await post(portal, "/sign-in", { email }, cookiesOf(elsewhere)));
  expect(cookie).not.toContain("meridian");
  expect((await post(portal, "/sign-in/confirm", fieldsOf(link), cookie)).status).toBe(302);
});

test("asking answers the same for a known and an unknown address", async () => {
  await using portal = await startTestPortal();
  await portal.addCustomer("Meridian", email);
  const unknown = await post(portal, "/sign-in", { email: "nobody@nowhere.example" });
  const known = await post(portal, "/sign-in", { email });
  for (const answer of [known, unknown]) {
    expect(answer.status).toBe(302);
    expect(answer.headers.get("location")).toMatch(/^\/sign-in\/sent\?email=/);
    expect(cookiesOf(answer)).toMatch(/^portal\.browser=/);
  }
  await (await queuedMail(portal)).toMatchObject([{ target: email }]);
});

test("a forged Host does not reach the link", async () => {
  await using portal = await startTestPortal();
  await portal.addCustomer("Meridian", email);
  const link = new URL(await portal.portal.auth.createLink(email));
  expect(link.origin).toBe(portal.url);
  const forged = await fetch(`${portal.url}/sign-in`, {
    method: "POST",
    body: new URLSearchParams({ email }),
    headers: { origin: portal.url, host: "evil.example" },
    redirect: "manual",
  });
  expect(forged.headers.get("location")).toMatch(/^\/sign-in\/sent\?/);
  const rows = await queuedMail(portal);
  await rows.toHaveLength(1);
  const mails = await portal.portal.db.selectFrom("outbox").selectAll().execute();
  expect(JSON.stringify(mails)).not.toContain("evil.example");
});

test("an address is not flooded with links", async () => {
  await using portal = await startTestPortal();
  const answers: number[] = [];
  for (let times = 0; times < 7; times++) {
    answers.push((await post(portal, "/sign-in", { email })).status);
  }
  expect(answers.filter((status) => status === 302)).toHaveLength(5);
  const refused = await post(portal, "/sign-in", { email });
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
});

test("where to go afterwards is a path of the portal or nothing", async () => {
  await using portal = await startTestPortal();
  await portal.addCustomer("Meridian", email);
  const away = [
    "https://evil.example",
    "//evil.example",
    "/\\evil.example",
    "/%2F/evil.example/..//x",
  ];
  for (const to of away) {
    const link = fieldsOf(await portal.portal.auth.createLink(email));
    const answer = await post(portal, "/sign-in/confirm", { ...link, to });
    const location = new URL(answer.headers.get("location") ?? "", portal.url);
    expect(location.origin).toBe(portal.url);
  }
  const link = fieldsOf(await portal.portal.auth.createLink(email));
  const answer = await post(portal, "/sign-in/confirm", { ...link, to: "/disputes?view=closed" });
  expect(answer.headers.get("location")).toBe("/disputes?view=closed");
});

test("signing out ends the session; a forged or missing cookie never had one", async () => {
  await using portal = await startTestPortal();
  await portal.addCustomer("Meridian", email);
  const { cookie, post: send } = await portal.as(email);
  const open = (given: string) =>
    fetch(`${portal.url}/invoices?view=overdue`, {
      headers: { cookie: given },
      redirect: "manual",
    });
  expect((await open(cookie)).headers.get("location")).toMatch(/^\/c\/.*\/invoices\?view=overdue$/);
  expect((await open(cookie.replace(/.$/, "x"))).headers.get("location")).toMatch(/^\/sign-in/);
  const out = await open("");
  expect(out.headers.get("location")).toBe("/sign-in?to=%2Finvoices%3Fview%3Doverdue");
  expect((await send("/sign-out", {})).status).toBe(302);
  expect((await open(cookie)).headers.get("location")).toMatch(/^\/sign-in/);
});

test("staff land at the desk, customers never see it", async () => {
  await using portal = await startTestPortal();
  await portal.addCustomer("Meridian", email);
  await portal.addStaff("jeroen@kestrel.example");
  const link = fieldsOf(await portal.portal.auth.createLink("jeroen@kestrel.example"));
  const signedIn = await post(portal, "/sign-in/confirm", link);
  expect(signedIn.headers.get("location")).toBe("/");
  const { headers } = await portal.as("jeroen@kestrel.example");
  const home = await fetch(portal.url, { headers, redirect: "manual" });
  expect(home.headers.get("location")).toBe("/finance");
  const { cookie } = await portal.as(email);
  const desk = await fetch(`${portal.url}/finance/disputes`, {
    headers: { cookie },
    redirect: "manual",
  });
  expect(desk.status).toBe(404);
});

test("who belongs to two companies chooses, and sees one at a time", async () => {
  await using portal = await startTestPortal();
  const meridian = await portal.addCustomer("Meridian", email);
  const other = await portal.addCustomer("Oriel", "oriel@oriel.example");
  const stranger = await portal.addCustomer("Third", "third@third.example");
  const user = await portal.portal.db
    .selectFrom("user")
    .where("email", "=", email)
    .select("id")
    .executeTakeFirstOrThrow();
  const member = { id: "mem_two", organizationId: other, userId: user.id, role: "member" };
  await portal.portal.writer
    .insertInto("member")
    .values({ ...member, createdAt: new Date().toISOString() })
    .execute();
  const { cookie, page } = await portal.as(email);
  const open = (path: string) =>
    fetch(portal.url + path, { headers: { cookie }, redirect: "manual" });
  for (const [path, to] of [
    ["/", "%2Finvoices"],
    ["/settings", "%2Fsettings"],
  ]) {
    expect((await open(path ?? "")).headers.get("location")).toBe(`/choose-customer?to=${to}`);
  }
  const chooser = await page("/choose-customer?to=/settings");
  for (const [id, name] of [
    [meridian, "Meridian"],
    [other, "Oriel"],
  ]) {
    expect(chooser).toContain(`href="/c/${id}/settings"`);
    // Neither changes what the other address shows.
    expect(await page(`/c/${id}/settings`)).toContain(`${email}, ${name}`);
  }
  for (const id of ["cus_unknown", stranger]) {
    expect((await open(`/c/${id}/settings`)).status, id).toBe(404);
  }
});

test("an invitation lets in who owns the address, and nobody else", async () => {
  await using portal = await startTestPortal();
  await portal.addCustomer("Meridian", email);
  const inviter = await portal.as(email);
  const invite = { do: "invite", name: "Piet", email: "piet@meridian.example", role: "member" };
  expect((await inviter.post("/settings", invite)).status).toBe(302);
  expect((await inviter.post("/settings", { ...invite, email: "not an address" })).status).toBe(
    422,
  );
  const invitation = await portal.portal.db
    .selectFrom("invitation")
    .selectAll()
    .executeTakeFirstOrThrow();
  const path = `/invitation/${invitation.id}`;
  const shown = await (await fetch(portal.url + path)).text();
  expect(shown).toContain("Meridian");
  expect(shown).not.toContain("piet@meridian.example");
  expect((await post(portal, path, {})).headers.get("location")).toBe("/sign-in/sent");
  await (await queuedMail(portal)).toMatchObject([{ target: "piet@meridian.example" }]);
  const link = fieldsOf(await portal.portal.auth.createLink("piet@meridian.example"));
  const cookie = cookiesOf(await post(portal, "/sign-in/confirm", link));
  const open = (at: string) => fetch(portal.url + at, { headers: { cookie } });
  expect(await (await open("/invoices")).text()).toContain("No company yet");
  expect(await (await open(path)).text()).toContain("Accept the invitation");
  const stranger = await portal.as(email);
  const other = await (await fetch(portal.url + path, { headers: stranger.headers })).text();
  expect(other).not.toContain("Accept the invitation");
  expect((await post(portal, path, {}, cookie)).status).toBe(422);
  const accepted = await post(portal, path, { name: "Piet de Boer" }, cookie);
  expect(accepted.headers.get("location")).toMatch(/^\/c\/cus_\w+\/invoices$/);
  expect((await open("/invoices")).status).toBe(200);
  // Used, its address leads on: its person to the company, everybody else to signing in.
  expect((await open(path)).url).toContain("/invoices");
  const ended = await fetch(portal.url + path);
  expect(ended.status).toBe(410);
  expect(await ended.text()).toContain('href="/sign-in"');
  expect((await post(portal, path, {}, cookie)).headers.get("location")).toMatch(/^\/c\/cus_/);
  const piet = await portal.as("piet@meridian.example");
  const refused = await piet.post("/settings", { ...invite, email: "friend@elsewhere.example" });
  expect(refused.status).toBe(403);
});

test("a stranger's asking locks nobody out and is no flood of mail", async () => {
  await using portal = await startTestPortal({ environment: { TRUSTED_PROXIES: "127.0.0.1" } });
  await portal.addCustomer("Meridian", email);
  const askFrom = (peer: string) =>
    fetch(`${portal.url}/sign-in`, {
      method: "POST",
      body: new URLSearchParams({ email }),
      headers: { origin: portal.url, "x-forwarded-for": peer },
      redirect: "manual",
    });
  const strangers: number[] = [];
  for (let times = 0; times < 24; times++) {
    strangers.push((await askFrom(`203.0.113.${times % 4}`)).status);
  }
  expect(strangers.filter((status) => status === 302)).toHaveLength(20);
  expect((await askFrom("198.51.100.7")).status).toBe(302);
  const rows = await queuedMail(portal);
  // Five at once, and one for each minute in which somebody asked.
  await rows.toSatisfy((mails: unknown[]) => mails.length >= 6 && mails.length <= 8);
  // Whatever strangers ask before and after, each mail signs in who owns the address and asked.
  const owners = await askFrom("198.51.100.7");
  expect((await askFrom("203.0.113.9")).status).toBe(302);
  await rows.toSatisfy((mails: unknown[]) => mails.length >= 6);
  const link = await portal.portal.auth.createLink(email, "/", "asked");
  const used = await post(portal, "/sign-in/confirm", fieldsOf(link), cookiesOf(owners));
  expect(used.status).toBe(302);
});

test.each([
  ["A=B@Bücher.example", "a=b@xn--bcher-kva.example"],
  [" accounts/payable@example.com ", "accounts/payable@example.com"],
  ["ap&ar@xn--e1afmkfd.xn--p1ai", "ap&ar@xn--e1afmkfd.xn--p1ai"],
  ["x@пример.рф", "x@xn--e1afmkfd.xn--p1ai"],
  ["a#b@example.com", "a#b@example.com"],
  ["o'brien+invoices@sub.example.co.uk", "o'brien+invoices@sub.example.co.uk"],
])("%s is an address: invited, asked for and signed in as %s", async (typed, address) => {
  await using portal = await startTestPortal();
  await portal.addStaff(MailAddress.parse(typed));
  expect((await post(portal, "/sign-in", { email: typed })).status).toBe(302);
  await (await queuedMail(portal)).toMatchObject([{ target: address }]);
  const link = fieldsOf(await portal.portal.auth.createLink(typed));
  expect((await post(portal, "/sign-in/confirm", link)).status).toBe(302);
});

test.each([
  "",
  "a",
  "@example.com",
  "a@",
  "a@b",
  "a b@example.com",
  "a..b@example.com",
  "a@-x.com",
])("%j is no address", (typed) => {
  expect(readMailAddress(typed)).toBeNull();
});

test("the security log has sign-ins and refusals, and no secret", async () => {
  await using portal = await startTestPortal();
  await portal.addStaff("jeroen@kestrel.example");
  const lines: unknown[] = [];
  const keep = (line: unknown) => void lines.push(line);
  vi.spyOn(portal.portal.log, "info").mockImplementation(keep);
  vi.spyOn(portal.portal.log, "warn").mockImplementation(keep);
  const link = fieldsOf(await portal.portal.auth.createLink("jeroen@kestrel.example"));
  await post(portal, "/sign-in/confirm", { ...link, seal: "changed" });
  await post(portal, "/sign-in/confirm", link);
  await post(portal, "/sign-in/confirm", link);
  await fetch(`${portal.url}/sign-in`, {
    method: "POST",
    headers: { origin: "https://evil.example" },
  });
  const authorization = `Bearer ipk_${"A".repeat(43)}`;
  await fetch(`${portal.url}/api/v1/invoices?secret=1`, { headers: { authorization } });
  const named = (security: string, more: object = {}) =>
    expect.objectContaining({ security, ...more });
  await expect
    .poll(() => lines)
    .toEqual(
      expect.arrayContaining([
        named("signed_in"),
        named("link_refused", { reason: "used already, or too old" }),
        named("link_refused", { reason: "another browser, or a changed link" }),
        named("request_refused", { status: 403, path: "/sign-in" }),
        named("request_refused", { status: 401, path: "/api/v1/invoices" }),
      ]),
    );
  const text = JSON.stringify(lines);
  for (const secret of [link["token"] ?? "?", link["seal"] ?? "?", "AAAA", "secret=1"]) {
    expect(text).not.toContain(secret);
  }
  const audits = (await portal.events(undefined, "audit.recorded")).map(({ data }) => data);
  expect(audits).toContainEqual(expect.objectContaining({ action: "signed_in" }));
});

test("the sign-in page shows the subjects that the mail really has", async () => {
  await using portal = await startTestPortal();
  await portal.addStaff("jeroen@kestrel.example");
  await post(portal, "/sign-in", { email: "jeroen@kestrel.example" });
  const caught = () => portal.portal.db.selectFrom("caught_mails").select("subject").execute();
  await expect.poll(caught).toHaveLength(1);
  const [mail] = await caught();
  const page = await (await fetch(`${portal.url}/sign-in`)).text();
  expect(page).toContain(`“${mail?.subject}”`);
  expect(page).toContain("“Anmelden bei ");
});
