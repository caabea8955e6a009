import { expect, test, vi } from "vitest";
import { invoiceIssued } from "#test/support/standard-event.ts";
import { startTestPortal, type TestPortal } from "#test/support/start-portal.ts";

/** Thousands of rows and the first page of a run take a while on a busy machine. */
vi.setConfig({ testTimeout: 90_000 });

/** More customers than any list could hold, and one behind all of them by alphabet. */
async function manyCustomers(): Promise<TestPortal> {
  const portal = await startTestPortal();
  const createdAt = "2026-11-01T00:00:00.000Z";
  const rows = Array.from({ length: 2100 }, (_, index) => {
    const id = `cus_${index}`;
    const name = `Company ${String(index).padStart(4, "0")}`;
    return { id, name, slug: id, logo: null, createdAt, metadata: null };
  });
  for (let start = 0; start < rows.length; start += 100) {
    const some = rows.slice(start, start + 100);
    await portal.portal.writer.insertInto("organization").values(some).execute();
  }
  await portal.addStaff("marit@kestrel.example");
  await portal.addStaff("ada@kestrel.example", "administrator");
  await portal.deliver("erp", invoiceIssued("INV-1", { customer: { id: "C-1", name: "Zenith" } }));
  await portal.settled();
  return portal;
}

async function recordOf({ portal }: TestPortal) {
  return portal.db
    .selectFrom("customer_records")
    .select(["id", "customer_id as customer"])
    .executeTakeFirstOrThrow();
}

test("any of very many customers is found by typing, and no page repeats all of them", async () => {
  await using portal = await manyCustomers();
  const marit = await portal.as("marit@kestrel.example");
  const picks = JSON.parse(await marit.page("/finance/pick/customers?q=any%202099"));
  expect(picks).toEqual({ picks: [{ id: "cus_2099", name: "Company 2099", about: "" }] });
  const ada = await portal.as("ada@kestrel.example");
  for (const path of ["/finance/records", "/finance/audit", "/finance/keys"]) {
    const page = await ada.page(path);
    expect(page, path).not.toContain("Company 0500");
    expect(page, path).toContain('name="customerName"');
  }
  expect(await marit.page("/finance/customers?q=")).toMatch(/50 of 2,100 customers/);
});

test("a record is linked to the customer that was chosen, or written by its exact name", async () => {
  await using portal = await manyCustomers();
  const marit = await portal.as("marit@kestrel.example");
  const { id } = await recordOf(portal);
  const link = { do: "link", record: id };
  const unknown = await marit.post("/finance/records", { ...link, customerName: "Company" });
  expect(unknown.status).toBe(422);
  expect(await unknown.text()).toContain("There is no customer of the name Company");
  const none = await marit.post("/finance/records", link);
  expect(await none.text()).toContain("Choose a customer");
  const named = { ...link, customer: "", customerName: "company 2099" };
  const linked = await marit.post("/finance/records", named);
  expect(linked.status).toBe(302);
  expect(await marit.page(linked.headers.get("location") ?? "")).toContain("Linked.");
  expect((await recordOf(portal)).customer).toBe("cus_2099");
  const audit = await marit.page("/finance/audit?customerName=Company+2099");
  expect(audit).toContain("INV-1");
});

test("a customer's own page links a record to it, and asks before it unlinks", async () => {
  await using portal = await manyCustomers();
  const marit = await portal.as("marit@kestrel.example");
  const { id } = await recordOf(portal);
  const picks = JSON.parse(await marit.page("/finance/pick/records?q=zen"));
  expect(picks).toEqual({ picks: [{ id, name: "Zenith", about: "erp, C-1" }] });
  const path = "/finance/customers/cus_7";
  const linked = await marit.post(path, { do: "link", record: id });
  expect(await marit.page(linked.headers.get("location") ?? "")).toContain("Linked.");
  expect((await recordOf(portal)).customer).toBe("cus_7");
  const page = await marit.page(path);
  expect(page).toContain("Nobody of this customer sees the invoices of Zenith then.");
  const done = await marit.post(path, { do: "unlink", record: id });
  expect(await marit.page(done.headers.get("location") ?? "")).toContain("Unlinked.");
  expect((await recordOf(portal)).customer).toBeNull();
});

test("an auditor reads who has access, and changes nothing", async () => {
  await using portal = await startTestPortal();
  await portal.addStaff("audit@kestrel.example", "auditor");
  await portal.addStaff("marit@kestrel.example");
  const auditor = await portal.as("audit@kestrel.example");
  for (const path of ["/finance/people", "/finance/keys", "/finance/supplier"]) {
    const page = await auditor.page(path);
    expect(page).toContain('href="/finance/people"');
    expect(page).not.toMatch(/>(Keep|Make key|Save|End)</);
    expect((await auditor.post(path, { do: "end", user: "x" })).status, path).toBe(403);
  }
  const marit = await portal.as("marit@kestrel.example");
  expect((await fetchAs(marit, `${portal.url}/finance/people`)).status).toBe(403);
});

function fetchAs({ cookie }: { cookie: string }, url: string) {
  return fetch(url, { headers: { cookie } });
}

test("a key that is valid through a day says that day", async () => {
  await using portal = await startTestPortal();
  await portal.addStaff("ada@kestrel.example", "administrator");
  const ada = await portal.as("ada@kestrel.example");
  const form = { do: "create", name: "ERP", role: "finance", expires: "2027-12-31" };
  expect((await ada.post("/finance/keys", form)).status).toBe(200);
  const page = await ada.page("/finance/keys");
  expect(page).toContain("31 Dec 2027");
  expect(page).not.toContain("1 Jan 2028");
});
