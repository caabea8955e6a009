import { beforeAll, afterAll, expect, test } from "vitest";
import { filtered } from "#db/queries/invoices.ts";
import { searchReads } from "#db/queries/search.ts";
import { CustomerScope } from "#db/queries/scope.ts";
import type { Change } from "#domain/change.ts";
import { openLedger } from "#test/support/ledger.ts";

const scope = new CustomerScope({
  ...{ customerId: "cus_1", customerName: "Maß", userId: "usr_1", userName: "Ann", role: "member" },
});

let ledger: Awaited<ReturnType<typeof openLedger>>;

interface Told {
  description?: string;
  amount?: number;
  currency?: string;
  po?: string;
}

function invoice(number: string, { description = "", amount = 100, currency = "EUR", po }: Told) {
  const customer = { externalId: "C-1", name: "Kunde" };
  const references = po === undefined ? [] : [{ kind: "po" as const, value: po }];
  const total = { amount, currency };
  const change: Change = {
    kind: "invoice",
    invoice: { number, version: 1, customer, currency, description, total, references },
  };
  return change;
}

const longLine =
  "Hard-anodizing (Type-III) of extruded mounting-brackets, medium-temperature hydrothermal-sealing, salt-spray-tested, thickness-certificate included";
const longWords =
  "Aluminium-Strangpressprofile, Eloxal-Oberflächenbehandlung, Fassaden-Unterkonstruktion, Montage-Zubehörteile, Korrosionsschutz-Prüfprotokoll, Transport-Verpackung, Qualitäts-Sicherungsmaßnahmen";

const told: Record<string, Told> = {
  "KA-104774": { po: "4500102101", amount: 1_275_655 },
  "KA-104775": { po: "4500 102 777", amount: 637_150 },
  "JP-1": { amount: 359_365, currency: "JPY", description: "株式会社山田製作所 ﾔﾏﾀﾞ工業" },
  "JP-2": { amount: 1_335_253, currency: "JPY", description: "자동차부품 공급" },
  "US-1": { amount: 749_328, currency: "USD", description: "O'Brien & Sons, façade-élan" },
  "KW-1": {
    amount: 1_477_484,
    currency: "KWD",
    description: "Işık Straße Łódź Ærø ﬁnish ＡＢＣ１２３",
  },
  "RU-1": { description: "Ёлка БОЛТЫ М8" },
  "AR-1": { description: "أَنُودة ٢٠ ميكرون" },
  "LO-1": { description: longLine },
  "CR-1": { amount: -5_000, description: "Aluminiumfassade naïve Œuvre" },
};

beforeAll(async () => {
  ledger = await openLedger();
  await ledger.says(
    "erp",
    Object.entries(told).map(([number, tells]) => invoice(number, tells)),
  );
  const { writer } = ledger.context;
  await writer.updateTable("customer_records").set({ customer_id: "cus_1" }).execute();
  await writer.updateTable("invoices").set({ customer_id: "cus_1" }).execute();
});

afterAll(async () => ledger[Symbol.asyncDispose]());

async function search(text: string): Promise<string[]> {
  const rows = filtered(ledger.context.db, scope, { search: text }).select("number");
  return (await rows.orderBy("number").execute()).map(({ number }) => number);
}

test.each([
  ["4774", "KA-104774"],
  ["ka104774", "KA-104774"],
  ["KA 104774", "KA-104774"],
  ["102101", "KA-104774"],
  ["PO 4500102101", "KA-104774"],
  ["po4500102101", "KA-104774"],
  ["4500 102 101", "KA-104774"],
  ["Invoice KA-104774", "KA-104774"],
  ["4500102777", "KA-104775"],
  ["山田", "JP-1"],
  ["製作", "JP-1"],
  ["ヤマダ", "JP-1"],
  ["부품", "JP-2"],
  ["ışık", "KW-1"],
  ["IŞIK", "KW-1"],
  ["strasse", "KW-1"],
  ["STRASSE", "KW-1"],
  ["lodz", "KW-1"],
  ["aero", "KW-1"],
  ["finish", "KW-1"],
  ["abc123", "KW-1"],
  ["ABC１２３", "KW-1"],
  ["obrien", "US-1"],
  ["O’Brien", "US-1"],
  ["oʼbrien", "US-1"],
  ["facade elan", "US-1"],
  ["façade-élan", "US-1"],
  ["елка", "RU-1"],
  ["болты м8", "RU-1"],
  ["أنودة", "AR-1"],
  ["20", "AR-1"],
  ["fassade", "CR-1"],
  ["oeuvre", "CR-1"],
])("the text %s finds %s alone", async (text, number) => {
  expect(await search(text)).toEqual([number]);
});

test.each([
  ["12,756.55 EUR", "KA-104774"],
  ["12.756,55 €", "KA-104774"],
  ["€12,756.55", "KA-104774"],
  ["EUR 12,756.55", "KA-104774"],
  ["12 756,55", "KA-104774"],
  ["12\u202f756,55\u00a0€", "KA-104774"],
  ["12'756.55", "KA-104774"],
  ["12756.55", "KA-104774"],
  ["$7,493.28", "US-1"],
  ["USD7,493.28", "US-1"],
  ["7.493,28 $", "US-1"],
  ["¥1,335,253", "JP-2"],
  ["1.335.253", "JP-2"],
  ["359365 JPY", "JP-1"],
  ["1,477.484", "KW-1"],
  ["KWD 1477.484", "KW-1"],
  ["-50.00", "CR-1"],
  ["−50,00 €", "CR-1"],
])("the amount %s finds %s alone", async (text, number) => {
  expect(await search(text)).toEqual([number]);
});

test.each(["637.15", "3593.65", "EUR 359,365", "USD 12,756.55", "14,774.84", "104774-2", "KA-1x"])(
  "%s finds nothing, as no invoice has it",
  async (text) => {
    expect(await search(text)).toEqual([]);
  },
);

test("a whole line of an invoice may be pasted, however long and hyphenated its words are", async () => {
  expect(await search(longLine)).toEqual(["LO-1"]);
  const { db } = ledger.context;
  for (const text of [longWords, "x".repeat(200)]) expect(await search(text)).toEqual([]);
  expect(await search("-a".repeat(99))).toContain("LO-1");
  expect(await searchReads(db, scope, longLine)).toBe(1);
});
