import { expect, test } from "vitest";
import { endStaff } from "#server/people/end-staff.ts";
import { disputed } from "#test/support/disputed.ts";
import { invoiceIssued } from "#test/support/standard-event.ts";
import { startTestPortal, type TestPortal } from "#test/support/start-portal.ts";

const typesOf = async (portal: TestPortal) =>
  (await portal.events("INV-1")).map((event) => event.type);

test("a dispute goes from taking it over a question and a note to its end and back", async () => {
  const { portal, path } = await disputed();
  await using _ = portal;
  const marit = await portal.as("marit@kestrel.example");
  expect(await marit.page("/finance/disputes?view=unassigned")).toContain("D-INV-1-01");
  expect((await marit.post(path, { do: "take" })).status).toBe(302);
  expect(await marit.page("/finance/disputes?view=mine")).toContain(path);
  await marit.post(path, { do: "note", text: "Sales confirms it" });
  await marit.post(path, { do: "ask", text: "Which quotation?" });
  expect(await marit.page("/finance/disputes?view=waiting")).toContain(path);
  await marit.post(path, { do: "answer", text: "Found it meanwhile" });
  const page = await marit.page(path);
  for (const words of ["Sales confirms it", "internal note", "Which quotation?", "Found it"]) {
    expect(page).toContain(words);
  }
  const resolved = {
    do: "resolve",
    credit: "150,00",
    text: "You are right",
    rootCause: "Old list",
  };
  expect((await marit.post(path, resolved)).status).toBe(302);
  expect((await marit.post(path, { do: "reopen", text: "" })).status).toBe(302);
  expect((await marit.post(path, { do: "reject", text: "Signed by you" })).status).toBe(302);
  const types = await typesOf(portal);
  expect(types.filter((type) => type.startsWith("dispute.") || type.endsWith(".added"))).toEqual([
    "dispute.opened",
    "dispute.assigned",
    "note.added",
    "dispute.waiting",
    "comment.added",
    "dispute.resolved",
    "dispute.reopened",
    "dispute.rejected",
  ]);
  const [end] = await portal.events("INV-1", "dispute.resolved");
  expect(end?.data).toMatchObject({ creditedAmount: 15000, author: "marit" });
  const [note] = await portal.events("INV-1", "note.added");
  expect(note).toMatchObject({ audience: "supplier", chain: "supplier" });
});

test("what does not fit a form comes back under its field, and nothing is written", async () => {
  const { portal, path } = await disputed();
  await using _ = portal;
  const marit = await portal.as("marit@kestrel.example");
  const before = await typesOf(portal);
  const refuse = async (form: Record<string, string>, words: string) => {
    const answer = await marit.post(path, form);
    expect(answer.status).toBe(422);
    expect(await answer.text()).toContain(words);
  };
  const resolve = { do: "resolve", text: "You are right", rootCause: "" };
  await refuse({ do: "reject", text: "  " }, "Write the reason");
  await refuse({ ...resolve, credit: "1", text: " " }, "Write what the customer will read");
  await refuse({ ...resolve, credit: "200.01" }, "up to the amount");
  await refuse({ ...resolve, credit: "1,2,3" }, "Write the amount like");
  await refuse({ ...resolve, credit: "-1" }, "up to the amount");
  expect(await typesOf(portal)).toEqual(before);
});

test("each role does what it may and no more, a customer finds no console", async () => {
  const { portal, path, customer } = await disputed();
  await using _ = portal;
  const finance = await portal.as("marit@kestrel.example");
  const administrator = await portal.as("ada@kestrel.example");
  const auditor = await portal.as("audit@kestrel.example");
  const buyer = await portal.as("buyer@acme.example");
  const pages = [
    "disputes",
    "customers",
    "records",
    "connections",
    "deliveries",
    "outbox",
    "mail",
    "audit",
  ];
  const root = await fetch(`${portal.url}/finance`, { headers: { cookie: buyer.cookie } });
  expect(root.status).toBe(404);
  expect(await finance.page("/finance/disputes")).toContain("The quotation says 2.70");
  for (const page of pages) {
    for (const who of [finance, administrator, auditor]) await who.page(`/finance/${page}`);
    const answer = await fetch(`${portal.url}/finance/${page}`, {
      headers: { cookie: buyer.cookie },
    });
    expect([page, answer.status]).toEqual([page, 404]);
  }
  const writes: [string, Record<string, string>][] = [
    [path, { do: "take" }],
    [path, { do: "note", text: "x" }],
    ["/finance/customers", { do: "create", name: "New" }],
    [`/finance/customers/${customer}`, { do: "invite", name: "N", email: "n@example.com" }],
    ["/finance/records", { do: "link", record: "r", customer }],
    ["/finance/deliveries/1", { do: "replay" }],
    ["/finance/outbox", { do: "retry", row: "x" }],
    ["/finance/outbox/x", { do: "skip", reason: "Told by phone" }],
    ["/finance/connections/erp", { do: "pause" }],
    ["/finance/connections/new", { do: "add", system: "stripe", id: "s", name: "" }],
    ["/finance/keys?index", { do: "create", name: "k", role: "finance" }],
    ["/finance/people?index", { do: "add", name: "p", email: "p@example.com", role: "finance" }],
  ];
  for (const [to, form] of writes) {
    expect([to, (await auditor.post(to, form)).status]).toEqual([to, 403]);
    expect([to, (await buyer.post(to, form)).status]).toEqual([to, 404]);
  }
  for (const [to, form] of writes.slice(-4)) {
    expect([to, (await finance.post(to, form)).status]).toEqual([to, 403]);
  }
  const person = { do: "add", name: "p", email: "p@example.com", role: "finance" };
  expect((await administrator.post("/finance/people", person)).status).toBe(302);
  expect(await administrator.page("/finance/people")).toContain("p@example.com");
});

test("a customer record is linked by a person, and its invoices go with it", async () => {
  await using portal = await startTestPortal();
  await portal.deliver("erp", invoiceIssued("INV-1"));
  await portal.settled();
  await portal.addStaff("marit@kestrel.example");
  const marit = await portal.as("marit@kestrel.example");
  const created = await marit.post("/finance/customers", { do: "create", name: "Acme Group" });
  const [, customer = ""] = /customers\/(\w+)/.exec(created.headers.get("location") ?? "") ?? [];
  expect(await marit.page("/finance/records")).toContain("Acme Tooling");
  const { id } = await portal.portal.db
    .selectFrom("customer_records")
    .select("id")
    .executeTakeFirstOrThrow();
  await marit.post("/finance/records", { do: "link", record: id, customer });
  const owner = async () => {
    const row = portal.portal.db.selectFrom("invoices").select("customer_id");
    return (await row.executeTakeFirstOrThrow()).customer_id;
  };
  expect(await owner()).toBe(customer);
  expect(await marit.page(`/finance/customers/${customer}`)).toContain("Acme Tooling");
  await marit.post(`/finance/customers/${customer}`, { do: "unlink", record: id });
  expect(await owner()).toBeNull();
  const types = (await portal.events()).map((event) => event.type);
  expect(types).toEqual(expect.arrayContaining(["record.linked", "record.unlinked"]));
});

test("a person is invited and the invitation taken back", async () => {
  const { portal, customer } = await disputed();
  await using _ = portal;
  const marit = await portal.as("marit@kestrel.example");
  const path = `/finance/customers/${customer}`;
  const invite = { do: "invite", name: "Jo", email: "jo@acme.example", role: "member" };
  expect((await marit.post(path, invite)).status).toBe(302);
  expect(await marit.page(path)).toContain("jo@acme.example");
  const [invitation] = await portal.portal.db.selectFrom("invitation").selectAll().execute();
  await marit.post(path, { do: "revoke", invitation: invitation?.id ?? "" });
  const [after] = await portal.portal.db.selectFrom("invitation").selectAll().execute();
  expect(after?.status).toBe("canceled");
});

test("a delivery is shown with its bytes and its events, and replayed without writing twice", async () => {
  const { portal } = await disputed();
  await using _ = portal;
  const marit = await portal.as("marit@kestrel.example");
  const page = await marit.page("/finance/deliveries/1");
  expect(page).toContain("invoice.issued");
  const raw = await fetch(`${portal.url}/finance/deliveries/1/raw`, {
    headers: { cookie: marit.cookie },
  });
  expect(raw.headers.get("content-type")).toBe("application/octet-stream");
  expect(JSON.parse(await raw.text())).toEqual(invoiceIssued("INV-1"));
  const before = (await portal.events("INV-1")).length;
  expect((await marit.post("/finance/deliveries/1", { do: "replay" })).status).toBe(302);
  await portal.settled();
  expect(await portal.events("INV-1")).toHaveLength(before);
  const row = portal.portal.db.selectFrom("deliveries").selectAll().where("id", "=", 1);
  expect(await row.executeTakeFirstOrThrow()).toMatchObject({ origin: "replay", dead_at: null });
});

test("a connection is added and changed in the console, its secrets never come back", async () => {
  const { portal } = await disputed();
  await using _ = portal;
  const ada = await portal.as("ada@kestrel.example");
  const secret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
  const form = { do: "add", system: "standard-webhooks", id: "crm", name: "Our CRM" };
  const bad = await ada.post("/finance/connections/new?system=standard-webhooks", form);
  expect(bad.status).toBe(422);
  expect(await bad.text()).toContain("webhookSecret");
  const added = await ada.post("/finance/connections/new", {
    ...form,
    "secrets.webhookSecret": secret,
  });
  expect(added.headers.get("location")).toBe("/finance/connections/crm?done=add");
  const page = await ada.page("/finance/connections/crm");
  expect(page).toContain(`${portal.url}/webhooks/crm`);
  expect(page).not.toContain(secret);
  await ada.post("/finance/connections/crm", { do: "change", name: "The CRM" });
  expect(portal.portal.connections.get("crm")?.name).toBe("The CRM");
  const sent = await portal.deliver("crm", invoiceIssued("INV-9"), { secret });
  expect(sent.status).toBe(204);
  await ada.post("/finance/connections/crm", { do: "pause" });
  expect(portal.portal.connections.get("crm")?.pausedAt).not.toBeNull();
  const fixed = await ada.post("/finance/connections/erp", { do: "pause" });
  expect(fixed.status).toBe(409);
  expect(await ada.page("/finance/connections/erp")).toContain("connections file defines it");
});

test("a key is made in the console and shown this once", async () => {
  const { portal } = await disputed();
  await using _ = portal;
  const ada = await portal.as("ada@kestrel.example");
  const made = await ada.post("/finance/keys", { do: "create", name: "BI", role: "auditor" });
  const [key = ""] = /ipk_[\w-]{43}/.exec(await made.text()) ?? [];
  const answer = await fetch(`${portal.url}/api/v1/invoices`, {
    headers: { authorization: `Bearer ${key}` },
  });
  expect(answer.status).toBe(200);
  expect(await ada.page("/finance/keys")).not.toContain(key);
});

test("taking a dispute and giving it back is internal: no mail, no write-back, no line", async () => {
  const { portal, path } = await disputed();
  await using _ = portal;
  const marit = await portal.as("marit@kestrel.example");
  const count = async () =>
    (await portal.portal.db.selectFrom("outbox").select("id").execute()).length;
  const before = await count();
  const rows = async () =>
    portal.portal.db.selectFrom("disputes").selectAll().executeTakeFirstOrThrow();
  const { state, updated_at } = await rows();
  const own = await userId(portal, "marit@kestrel.example");
  await marit.post(path, { do: "take", from: "" });
  await marit.post(path, { do: "give_back", from: own });
  await marit.post(path, { do: "take", from: "" });
  expect(await rows()).toMatchObject({ state, updated_at, processor: "marit", responded_at: null });
  expect(await count()).toBe(before);
  const told = (await portal.events("INV-1")).filter(({ type }) => type === "dispute.assigned");
  expect(told.map(({ audience, chain }) => [audience, chain])).toEqual(
    Array.from({ length: 3 }, () => ["supplier", "supplier"]),
  );
});

test("of two who take a dispute at once one has it and the other is told", async () => {
  const { portal, path } = await disputed();
  await using _ = portal;
  await portal.addStaff("jeroen@kestrel.example");
  const marit = await portal.as("marit@kestrel.example");
  const jeroen = await portal.as("jeroen@kestrel.example");
  const take = { do: "take", from: "" };
  const answers = await Promise.all([marit.post(path, take), jeroen.post(path, take)]);
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([302, 409]);
  const refused = answers.find(({ status }) => status === 409);
  expect(await refused?.text()).toMatch(/is (marit|jeroen)(&#x27;|')s by now/);
  const isMarits = answers[0]?.status === 302;
  const [first, second] = isMarits ? [marit, jeroen] : [jeroen, marit];
  expect(await first.page(path)).toContain("Give back");
  const page = await second.page(path);
  expect(page).toContain("Take it over");
  expect(page).toContain(`works on it. It is yours then`);
});

test("mine goes by the person: not by a name that changes or that another has, too", async () => {
  const { portal, path } = await disputed();
  await using _ = portal;
  const marit = await portal.as("marit@kestrel.example");
  await marit.post(path, { do: "take", from: "" });
  await portal.addStaff("marit@other.example");
  const namesake = await portal.as("marit@other.example");
  expect(await namesake.page("/finance/disputes?view=mine")).not.toContain(path);
  const { writer } = portal.portal;
  const renamed = writer.updateTable("user").set({ name: "Marit Smit" });
  await renamed.where("email", "=", "marit@kestrel.example").execute();
  const mine = await marit.page("/finance/disputes?view=mine");
  expect(mine).toContain(path);
  expect(mine).toContain("Marit Smit");
  await portal.addStaff("boss@kestrel.example", "administrator");
  const boss = await portal.as("boss@kestrel.example");
  const user = await userId(portal, "marit@kestrel.example");
  await endStaff(portal.portal, bossOf(await userId(portal, "boss@kestrel.example")), {
    user: user,
    keys: [],
  });
  expect(await boss.page("/finance/disputes?view=unassigned")).toContain(path);
});

test("the root cause that was noted at the end shows on the case", async () => {
  const { portal, path } = await disputed();
  await using _ = portal;
  const marit = await portal.as("marit@kestrel.example");
  const end = { do: "resolve", credit: "0", text: "Done", rootCause: "Price list of 2024" };
  expect((await marit.post(path, end)).status).toBe(302);
  expect(await marit.page(path)).toContain("Price list of 2024");
});

async function userId({ portal }: TestPortal, email: string): Promise<string> {
  const user = portal.db.selectFrom("user").select("id").where("email", "=", email);
  return (await user.executeTakeFirstOrThrow()).id;
}

const bossOf = (id: string) => ({
  source: { kind: "user", user: id } as const,
  person: { id, name: "boss", side: "supplier" as const },
});
