import { afterAll, beforeAll, expect, test } from "vitest";
import { listInvoices, searchWay, totalsOf } from "#db/queries/invoices.ts";
import { customersNamed, recordsNamed } from "#db/queries/picks.ts";
import { CustomerScope } from "#db/queries/scope.ts";
import { openLedger } from "#test/support/ledger.ts";

const scope = new CustomerScope({
  ...{ customerId: "cus_1", customerName: "M", userId: "usr_1", userName: "Ann", role: "member" },
});
const description =
  "Hard-anodizing (Type-III) of extruded mounting-brackets, medium-temperature " +
  "hydrothermal-sealing, salt-spray-tested, thickness-certificate included";

let ledger: Awaited<ReturnType<typeof openLedger>>;

beforeAll(async () => {
  ledger = await openLedger();
  const customer = { externalId: "C-1", name: "Kunde" };
  const total = { amount: 100, currency: "EUR" };
  const invoice = { number: "KA-1", version: 1, customer, currency: "EUR", description, total };
  await ledger.says("erp", [{ kind: "invoice", invoice }]);
  const { writer } = ledger.context;
  await writer.updateTable("customer_records").set({ customer_id: "cus_1" }).execute();
  await writer.updateTable("invoices").set({ customer_id: "cus_1" }).execute();
});

afterAll(async () => ledger[Symbol.asyncDispose]());

/** What the page of the list asks for. */
async function search(text: string): Promise<string[]> {
  const { db } = ledger.context;
  const found: string[][] = [];
  for (const filter of [{ search: text }, { search: text, statuses: ["open"] as const }]) {
    const way = await searchWay(db, scope, filter);
    await totalsOf(db, scope, filter, way);
    const paging = { filter, way, sort: "number", descending: false, cursor: null } as const;
    const { rows } = await listInvoices(db, scope, paging);
    found.push(rows.map(({ number }) => number));
  }
  expect(found[1]).toEqual(found[0]);
  return found[0] ?? [];
}

test.each([
  description,
  "hydrothermal-sealing salt-spray-tested thickness-certificate",
  "(type-iii)",
])("a pasted description finds its invoice: %s", async (text) => {
  expect(await search(text)).toEqual(["KA-1"]);
});

const signs = Array.from({ length: 0x100 }, (_, code) => String.fromCharCode(code));
const scripts = [
  "Фасадная-конструкция из-алюминия",
  "株式会社山田製作所の陽極酸化処理品一式納品分請求書",
  "أَنُودة-الألومنيوم ٢٠-ميكرون",
  "एल्युमिनियम-एनोडाइजिंग",
  "การชุบอโนไดซ์อะลูมิเนียม",
  "אילגון-אלומיניום",
  "👩‍👩‍👧‍👦🏭 🇳🇱",
  "\u{1d400}\u{1d401}\u{1d402} \u{20000}\u{20001}",
  "\ud800 \udc00 a\ud800",
];
const queries = [
  "AND",
  "OR NOT NEAR",
  "NEAR(a b, 3)",
  "text: *",
  "ka* ^ka {a b}: c",
  "' OR 1=1 --",
  '"',
  "''''",
  '"a" AND "',
  "a & b | !c <-> d:*",
  "\\' \\",
  "~ ~~ a~b",
  "%_!%",
  "D\u0000",
  "D-\u0000AND",
  "ka\u0000-1",
];
const long = [
  "-a".repeat(99),
  "a-".repeat(500),
  "abcdefghij-klmnopqrst-".repeat(30),
  Array.from({ length: 60 }, (_, at) => `word${at}-with-parts`).join(" "),
  "ﷺ".repeat(200),
  "x".repeat(20_000),
  "9".repeat(200),
];

test("no text is too odd or too long to search for", async () => {
  const texts = [
    ...signs,
    ...signs.map((sign) => `ka${sign}1`),
    ...signs.map((sign) => `D${sign}1`),
  ];
  for (const text of [...texts, ...scripts, ...queries, ...long]) {
    expect(Array.isArray(await search(text)), JSON.stringify(text)).toBe(true);
  }
});

test("no text is too odd for a field to choose from", async () => {
  const { db } = ledger.context;
  for (const typed of [
    ...signs,
    ...scripts,
    ...queries,
    ...long.map((text) => text.slice(0, 200)),
  ]) {
    await customersNamed(db, { typed, limit: 5 });
    await recordsNamed(db, { typed, limit: 5 });
  }
});
