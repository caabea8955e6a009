import { expect, test } from "vitest";
import type { Change } from "#domain/change.ts";
import type { ChangedPage } from "#server/connectors/contract.ts";
import { connectors } from "#server/connectors/index.ts";
import { openLedger } from "#test/support/ledger.ts";
import { type Intuit, startIntuit } from "#test/support/intuit.ts";
import { testHttp } from "./stand-in.ts";

const realm = "9130357766900001";

function companyAt(intuit: Intuit, now: () => Date) {
  const connector = connectors.get("quickbooks-online");
  if (!connector) throw new Error("It is not in the list");
  const token = intuit.grants.tokenFor(realm);
  const same = async () => token;
  const app = { clientId: "client-1", environment: "production", apiUrl: intuit.url };
  const organisation = { account: realm, app, token: same, renew: same };
  return connector.bind({}, {}, testHttp({ now: now() }), organisation);
}

/** All pages, each cursor handed back as it came; and how many pages that were. */
async function read(bound: ReturnType<typeof companyAt>, since: string) {
  const changes: Change[] = [];
  let pages = 0;
  for (let cursor: string | null = null; ; pages += 1) {
    const page: ChangedPage | undefined = await bound.changedSince?.(since, cursor);
    if (!page) throw new Error("It cannot be asked");
    changes.push(...page.changes);
    cursor = page.next;
    if (cursor === null) return { changes, pages: pages + 1 };
  }
}

const idsIn = (changes: Change[]) =>
  new Set(
    changes.flatMap((change) => (change.kind === "invoice" ? [change.invoice.externalId] : [])),
  );

async function open(at = "2026-11-20T10:00:00.000Z") {
  let now = new Date(at);
  const intuit = await startIntuit({ clock: () => now });
  return {
    intuit,
    books: intuit.company(realm),
    setTime(instant: string) {
      now = new Date(instant);
    },
    bound: () => companyAt(intuit, () => now),
    [Symbol.asyncDispose]: () => intuit[Symbol.asyncDispose](),
  };
}

test("within 30 days change data capture tells what changed, was voided or deleted, with payments", async () => {
  await using at = await open("2026-11-10T08:00:00.000Z");
  const { books } = at;
  const [untouched, paid, voided, deleted] = [1, 2, 3, 4].map((n) =>
    books.issue(100000, { docNumber: `INV-${n}` }),
  );
  const before = await at.bound().changedSince?.("2026-11-10T00:00:00.000Z", null);
  at.setTime("2026-11-15T10:00:00.000Z");
  books.pay([{ invoice: paid ?? "", amount: 25000 }]);
  books.voidInvoice(voided ?? "");
  books.deleteInvoice(deleted ?? "");
  const { changes, pages } = await read(at.bound(), "2026-11-15T10:00:00.000Z");
  expect(pages).toBe(1);
  expect(idsIn(changes)).toEqual(new Set([paid, voided, deleted]));
  await using ledger = await openLedger();
  await ledger.says("qbo", before?.changes ?? [], "accounting");
  await ledger.says("qbo", changes, "accounting");
  const status = async (number: string) => (await ledger.view(number))?.row.status;
  expect(await Promise.all(["INV-1", "INV-2", "INV-3", "INV-4"].map(status))).toEqual([
    ...["open", "partially_paid", "void", "void"],
  ]);
  expect(untouched).toBeDefined();
  expect(at.intuit.violations).toEqual([]);
});

test("a payment on an invoice that did not change itself leads to it, and is not read again", async () => {
  await using at = await open();
  const invoice = at.books.issue(5000, { docNumber: "INV-1" });
  const payment = at.books.pay([{ invoice, amount: 1000 }]);
  at.setTime("2026-11-20T12:00:00.000Z");
  at.books.change("Payment", payment, { PaymentRefNum: "WIRE-1" });
  const first = await at.bound().changedSince?.("2026-11-20T11:00:00.000Z", null);
  expect(first).toEqual({ changes: [], next: JSON.stringify({ phase: "read", ids: [invoice] }) });
  const second = await at.bound().changedSince?.("2026-11-20T11:00:00.000Z", first?.next ?? null);
  expect(second?.next).toBeNull();
  expect(second?.changes).toMatchObject([
    { kind: "invoice", invoice: { externalId: invoice } },
    { kind: "payment", reference: "WIRE-1" },
  ]);
});

test("what is older is paged by the time of the last change, without gap at equal times", async () => {
  await using at = await open("2026-06-01T08:00:00.000Z");
  const ids: string[] = [];
  for (let n = 0; n < 130; n += 1) {
    // Sixty in one second, more than a page holds.
    const minute = n < 20 ? n : n < 80 ? 20 : n - 59;
    at.setTime(new Date(Date.UTC(2026, 5, 1, 8, minute)).toISOString());
    ids.push(at.books.issue(1000 + n));
  }
  at.setTime("2026-11-20T10:00:00.000Z");
  const { changes, pages } = await read(at.bound(), "2026-01-01T00:00:00.000Z");
  expect(idsIn(changes)).toEqual(new Set(ids));
  expect(pages).toBeLessThan(7);
  const asked = at.intuit.asked.map(({ url }) => url.searchParams.get("query") ?? url.pathname);
  expect(asked[0]).toBe(
    "select * from Invoice where MetaData.LastUpdatedTime >= '2026-01-01T00:00:00-00:00' " +
      "orderby MetaData.LastUpdatedTime startposition 1 maxresults 50",
  );
  expect(asked.at(-1)).toContain("/cdc");
  expect(at.intuit.violations).toEqual([]);
});

test("an invoice that changes while pages are read is not skipped", async () => {
  await using at = await open("2026-06-01T08:00:00.000Z");
  const ids: string[] = [];
  for (let n = 0; n < 60; n += 1) {
    at.setTime(new Date(Date.UTC(2026, 5, 1, 8, n)).toISOString());
    ids.push(at.books.issue(1000));
  }
  at.setTime("2026-11-20T10:00:00.000Z");
  const bound = at.bound();
  const first = await bound.changedSince?.("2026-01-01T00:00:00.000Z", null);
  for (const id of ids.slice(0, 15)) at.books.change("Invoice", id, { DueDate: "2026-12-31" });
  const seen = new Set(idsIn(first?.changes ?? []));
  for (let cursor = first?.next ?? null; cursor !== null;) {
    const page = await bound.changedSince?.("2026-01-01T00:00:00.000Z", cursor);
    for (const id of idsIn(page?.changes ?? [])) seen.add(id);
    cursor = page?.next ?? null;
  }
  expect(seen.size).toBe(60);
});

test("of more invoices in one second than a page holds none is skipped when one of them changes", async () => {
  await using at = await open("2026-06-01T08:00:00.000Z");
  const ids = Array.from({ length: 70 }, () => at.books.issue(1000));
  at.setTime("2026-06-01T09:00:00.000Z");
  ids.push(at.books.issue(1000));
  at.setTime("2026-11-20T10:00:00.000Z");
  const bound = at.bound();
  const seen = new Set<string | undefined>();
  let cursor: string | null = null;
  let pages = 0;
  do {
    const page: ChangedPage | undefined = await bound.changedSince?.(
      "2026-01-01T00:00:00.000Z",
      cursor,
    );
    for (const id of idsIn(page?.changes ?? [])) seen.add(id);
    cursor = page?.next ?? null;
    pages += 1;
    for (const id of ids.slice(pages * 5, pages * 5 + 5)) {
      at.books.change("Invoice", id, { DueDate: "2026-12-31" });
    }
  } while (cursor !== null && pages < 30);
  expect([seen.size, pages < 30]).toEqual([71, true]);
  expect(at.intuit.violations).toEqual([]);
});

test("more than one answer of change data capture holds is queried instead, with what was deleted", async () => {
  await using at = await open("2026-11-18T10:00:00.000Z");
  const { books } = at;
  for (let n = 0; n < 1000; n += 1) books.issue(1000);
  at.setTime("2026-11-20T09:59:00.000Z");
  const gone = books.issue(1000);
  books.deleteInvoice(gone);
  at.setTime("2026-11-20T10:00:00.000Z");
  const bound = at.bound();
  const first = await bound.changedSince?.("2026-11-18T00:00:00.000Z", null);
  expect(idsIn(first?.changes ?? []).size).toBe(50);
  expect(JSON.parse(first?.next ?? "{}")).toMatchObject({ phase: "query" });
  const last = await bound.changedSince?.(
    "2026-11-18T00:00:00.000Z",
    JSON.stringify({ phase: "deleted" }),
  );
  expect(last).toMatchObject({ changes: [{ invoice: { externalId: gone, state: "void" } }] });
  expect(at.intuit.asked.filter(({ url }) => url.pathname.endsWith("/cdc")).length).toBeLessThan(16);
});
