import { expect, test } from "vitest";
import { startTestPortal, type TestPortal } from "./support/start-portal.ts";
import { invoiceIssued } from "./support/standard-event.ts";

const ours = "ines@meridian.example";
const theirs = "oriel@oriel.example";

/** Two customers with an invoice and a dispute each, and a draft of ours. */
async function twoCustomers(portal: TestPortal) {
  const meridian = { customer: { id: "C-1", name: "Meridian" } };
  await portal.deliver("erp", invoiceIssued("KA-1", meridian));
  await portal.deliver("erp", invoiceIssued("KA-2", { customer: { id: "C-2", name: "Oriel" } }));
  await portal.deliver("erp", invoiceIssued("KA-DRAFT", { ...meridian, status: "draft" }));
  await portal.settled();
  await portal.addCustomer("Meridian", ours);
  await portal.addCustomer("Oriel", theirs);
  const oriel = await portal.as(theirs);
  const id = await portal.invoiceId("KA-2");
  const dispute = { reason: "price_incorrect", part: "whole", message: "A secret of Oriel" };
  const opened = await oriel.post(`/invoices/${id}/dispute`, dispute);
  expect(opened.status).toBe(302);
  return { id, dispute: "D-KA-2-01" };
}

async function doneByPeople(portal: TestPortal): Promise<number> {
  return (await portal.events()).filter(({ source }) => source.kind === "user").length;
}

test("nothing can be done to another customer's things", async () => {
  await using portal = await startTestPortal();
  const other = await twoCustomers(portal);
  const { post } = await portal.as(ours);
  const before = await doneByPeople(portal);
  const forms: [string, Record<string, string>][] = [
    [`/invoices/${other.id}`, { do: "comment", text: "Hello" }],
    [`/invoices/${other.id}`, { do: "promise", promisedOn: "2099-01-01" }],
    [`/invoices/${other.id}/dispute`, { reason: "other", part: "whole", message: "Mine" }],
    [`/disputes/${other.dispute}`, { do: "comment", text: "Hello" }],
    [`/disputes/${other.dispute}`, { do: "withdraw" }],
  ];
  for (const [path, fields] of forms) expect((await post(path, fields)).status, path).toBe(404);
  const own = await portal.invoiceId("KA-1");
  const foreign = await portal.portal.db
    .selectFrom("disputes")
    .select("id")
    .executeTakeFirstOrThrow();
  const comment = { do: "comment", text: "Hello", disputeId: foreign.id };
  expect((await post(`/invoices/${own}`, comment)).status).toBe(404);
  expect(await doneByPeople(portal)).toBe(before);
});

test("of an invoice that was moved to us nothing of the one before can be done or read", async () => {
  await using portal = await startTestPortal();
  const other = await twoCustomers(portal);
  const meridian = { customer: { id: "C-1", name: "Meridian" }, version: 2 };
  await portal.deliver("erp", invoiceIssued("KA-2", meridian));
  await portal.settled();
  const { page, post } = await portal.as(ours);
  for (const path of [`/invoices/${other.id}`, "/disputes", "/invoices?q=KA-2"]) {
    expect(await page(path), path).not.toContain("A secret of Oriel");
  }
  const path = `/disputes/${other.dispute}`;
  for (const form of [{ do: "withdraw" }, { do: "comment", text: "Hello" }]) {
    expect((await post(path, form)).status).toBe(404);
  }
  const oriel = await portal.as(theirs);
  expect(await oriel.page(path)).toContain("A secret of Oriel");
  expect(await oriel.page("/invoices")).not.toContain("KA-2");
});

test("lists, search, counts and verification show the own company alone", async () => {
  await using portal = await startTestPortal();
  await twoCustomers(portal);
  const { page } = await portal.as(ours);
  for (const path of ["/invoices", "/invoices?q=KA", "/invoices?q=1250.50", "/invoices?q=oriel"]) {
    const text = await page(path);
    expect(text, path).not.toContain("KA-2");
    expect(text, path).not.toContain("KA-DRAFT");
  }
  expect(await page("/invoices?q=KA")).toContain("KA-1");
  expect(await page("/disputes")).toContain("No dispute is open");
  const [foreign] = await portal.events("KA-2");
  const [own] = await portal.events("KA-1");
  const verify = (event: typeof own) =>
    page(`/verify?sequence=${event?.sequence}&hash=${event?.hash.slice(0, 16)}`);
  expect(await verify(own)).toContain("This is the record, unchanged.");
  expect(await verify(foreign)).toContain("You have no record with this number.");
  expect(await page(`/verify?sequence=${own?.sequence}&hash=00000000`)).toContain("is not that of");
});

test("names and words from systems and people are text, never markup", async () => {
  await using portal = await startTestPortal();
  const evil = '<img src=x onerror="alert(1)">';
  await portal.deliver(
    "erp",
    invoiceIssued("KA-1", {
      customer: { id: "C-1", name: evil },
      description: evil,
      lines: [{ id: "1", description: evil, total: "1250.50" }],
      payUrl: "javascript:alert(1)",
    }),
  );
  await portal.settled();
  await portal.addCustomer(evil, ours);
  const { page, post } = await portal.as(ours);
  const id = await portal.invoiceId("KA-1");
  expect((await post(`/invoices/${id}`, { do: "comment", text: evil })).status).toBe(302);
  for (const path of ["/invoices", `/invoices/${id}`, `/invoices?q=${encodeURIComponent(evil)}`]) {
    const text = await page(path);
    expect(text, path).not.toContain("<img src=x");
    expect(text, path).not.toContain('href="javascript:');
  }
  expect(await page(`/invoices/${id}`)).toContain("&lt;img src=x");
});
