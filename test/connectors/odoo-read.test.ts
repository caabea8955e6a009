import { expect, test } from "vitest";
import { UpstreamError } from "#server/errors.ts";
import type { ChangedPage } from "#server/connectors/contract.ts";
import { connectors } from "#server/connectors/index.ts";
import { moveRow } from "./odoo-records.ts";
import { startOdoo } from "./odoo-server.ts";
import { testHttp } from "./stand-in.ts";

const now = new Date("2026-11-20T08:00:00.000Z");
const webhookSecret = "test-secret-odoo";

function bind(settings: object = {}, secrets: object = {}) {
  const connector = connectors.get("odoo");
  if (!connector) throw new Error("It is not in the list");
  const hidden = { webhookSecret, apiKey: "key-of-portal-bot", ...secrets };
  return connector.bind(settings, hidden, testHttp({ now }));
}

const rpc = { api: "json-rpc", database: "acme-prod", login: "portal-bot" };
const protocols: [string, object][] = [
  ["JSON-2", {}],
  ["JSON-RPC", rpc],
];

test.each(protocols)("by %s an invoice is read with its credit notes", async (_name, settings) => {
  await using odoo = await startOdoo();
  odoo.moves.push(
    moveRow({ id: 341, name: "INV/2026/00087", amount_residual: 535.5, payment_state: "partial" }),
    moveRow({
      id: 352,
      move_type: "out_refund",
      reversed_entry_id: [341, "INV/2026/00087"],
      ...{ name: "RINV/2026/00009", amount_total: 115.0, amount_residual: 0.0, ref: "Scratched" },
    }),
    moveRow({ id: 353, move_type: "out_refund", reversed_entry_id: [341, "INV/2026/00087"] }),
  );
  const found = (await bind({ url: odoo.url, ...settings }).fetch?.({ externalId: "341" }))?.changes;
  expect(found).toEqual([
    {
      kind: "invoice",
      invoice: {
        externalId: "341",
        number: "INV/2026/00087",
        version: expect.any(Number),
        toldAt: "2026-11-10T15:02:11.000Z",
        customer: { externalId: "44", name: "Müller Präzision GmbH" },
        state: "issued",
        currency: "EUR",
        total: { amount: 115000, currency: "EUR" },
        due: { amount: 53550, currency: "EUR" },
        credited: { amount: 11500, currency: "EUR" },
        issuedOn: "2026-11-02",
        dueOn: "2026-12-02",
        references: [{ kind: "other", value: "S00042" }],
        creditIds: ["352"],
        ...{ rank: 2, readAt: expect.any(String) },
      },
    },
    expect.objectContaining({ kind: "credit", creditId: "352", reason: "Scratched" }),
  ]);
  const byCreditNote = (await bind({ url: odoo.url, ...settings }).fetch?.({ externalId: "352" }))?.changes;
  expect(byCreditNote).toEqual(found);
  const byNumber = (await bind({ url: odoo.url, ...settings }).fetch?.({ number: "INV/2026/00087" }))?.changes;
  expect(byNumber).toEqual(found);
  expect(await bind({ url: odoo.url, ...settings }).fetch?.({ externalId: "999" })).toBeNull();
  expect(await bind({ url: odoo.url, ...settings }).fetch?.({ number: "INV/0" })).toBeNull();
});

test("an invoice with more credit notes than one answer holds has all of them", async () => {
  await using odoo = await startOdoo();
  odoo.moves.push(moveRow({ id: 1, amount_residual: 1147.5 }));
  const note = { move_type: "out_refund", reversed_entry_id: [1, "INV/2026/00001"] };
  for (let id = 2; id <= 251; id += 1) {
    odoo.moves.push(moveRow({ id, ...note, amount_total: 0.01, amount_residual: 0.0 }));
  }
  const found = (await bind({ url: odoo.url }).fetch?.({ externalId: "1" }))?.changes;
  expect(found).toHaveLength(251);
  expect(found?.[0]).toMatchObject({ invoice: { credited: { amount: 250 } } });
});

test("a credit note that was used on another invoice lowers neither the one it takes back", async () => {
  await using odoo = await startOdoo();
  const note = { move_type: "out_refund", reversed_entry_id: [1, "INV/2026/00001"] };
  odoo.moves.push(
    moveRow({ id: 1 }),
    moveRow({ id: 2, amount_residual: 1050 }),
    moveRow({ id: 3, ...note, amount_total: 100, amount_residual: 0 }),
  );
  expect((await bind({ url: odoo.url }).fetch?.({ externalId: "1" }))?.changes).toMatchObject([
    { invoice: { due: { amount: 115_000 }, credited: { amount: 0 }, creditIds: [] } },
  ]);
});

test("the journal tells payments, credit notes of other invoices and write-offs apart", async () => {
  await using odoo = await startOdoo();
  const note = { move_type: "out_refund", reversed_entry_id: [9, "INV/9"], amount_residual: 0 };
  odoo.moves.push(
    moveRow({ id: 1, amount_residual: 150, payment_state: "partial" }),
    moveRow({ id: 9 }),
    moveRow({ id: 3, name: "RINV/3", ...note, amount_total: 100 }),
    moveRow({ id: 4, move_type: "entry", name: "MISC/4" }),
    moveRow({ id: 5, move_type: "entry", name: "BNK/5" }),
  );
  const line = (id: number, move: number, more: object = {}) => ({
    ...{ id, move_id: [move, "x"], payment_id: false, statement_line_id: false },
    ...more,
  });
  odoo.lines.push(
    line(11, 1),
    line(13, 3),
    line(14, 4),
    line(15, 5, { payment_id: [77, "PBNK/77"] }),
    line(16, 5, { statement_line_id: [6, "BNK/5"] }),
  );
  const partial = (id: number, credit: number, amount: number) => ({
    ...{ id, debit_move_id: [11, "x"], credit_move_id: [credit, "y"] },
    ...{ debit_amount_currency: amount, max_date: "2026-11-20" },
  });
  odoo.partials.push(partial(1, 13, 100), partial(2, 14, 50), partial(3, 15, 600.5));
  odoo.partials.push(partial(4, 15, 99.5), partial(5, 16, 150));
  const bound = bind({ url: odoo.url });
  expect((await bound.fetch?.({ externalId: "1" }))?.changes).toMatchObject([
    {
      invoice: {
        ...{ total: { amount: 115_000 }, due: { amount: 15_000 }, paid: { amount: 85_000 } },
        ...{ credited: { amount: 10_000 }, paymentIds: ["77", "entry-5"], creditIds: ["3"] },
      },
    },
    { kind: "payment", paymentId: "77", stage: "received", amount: { amount: 70_000 } },
    { kind: "payment", paymentId: "entry-5", amount: { amount: 15_000 } },
    { kind: "credit", creditId: "3", amount: { amount: 10_000 }, reason: "RINV/3" },
  ]);
  // The one that the credit note takes back was not lowered by it.
  expect((await bound.fetch?.({ externalId: "9" }))?.changes).toMatchObject([
    { invoice: { due: { amount: 115_000 }, credited: { amount: 0 }, creditIds: [] } },
  ]);
});

test("of a payment that was marked as fully paid only the money is a payment", async () => {
  await using odoo = await startOdoo();
  odoo.moves.push(
    moveRow({ id: 1, amount_residual: 0, payment_state: "paid" }),
    moveRow({ id: 2, amount_residual: 0, payment_state: "paid", amount_total: 100 }),
    moveRow({ id: 5, move_type: "entry", name: "BNK/5" }),
    moveRow({ id: 6, move_type: "entry", name: "BNK/6" }),
  );
  const line = (id: number, move: number, account_type: string, amount: number, paid = true) => ({
    ...{ id, move_id: [move, "x"], account_type, statement_line_id: false },
    ...{ payment_id: paid && [move + 70, "P"], debit: Math.max(0, amount) },
    credit: Math.max(0, -amount),
  });
  odoo.lines.push(
    line(11, 1, "asset_receivable", 1150, false),
    line(12, 2, "asset_receivable", 100, false),
    ...[line(51, 5, "asset_current", 1135.05), line(52, 5, "expense", 14.95)],
    line(53, 5, "asset_receivable", -1150),
    // More came than was due: nothing was written off.
    ...[line(61, 6, "asset_cash", 103), line(62, 6, "income_other", -3)],
    line(63, 6, "asset_receivable", -100),
  );
  const partial = (id: number, debit: number, credit: number, amount: number) => ({
    ...{ id, debit_move_id: [debit, "x"], credit_move_id: [credit, "y"] },
    ...{ debit_amount_currency: amount, max_date: "2026-11-20" },
  });
  odoo.partials.push(partial(1, 11, 53, 1150), partial(2, 12, 63, 100));
  const bound = bind({ url: odoo.url });
  expect((await bound.fetch?.({ externalId: "1" }))?.changes).toMatchObject([
    { invoice: { due: { amount: 0 }, paid: { amount: 113_505 }, paymentIds: ["75"] } },
    { kind: "payment", paymentId: "75", amount: { amount: 113_505 } },
  ]);
  expect((await bound.fetch?.({ externalId: "2" }))?.changes).toMatchObject([
    { invoice: { due: { amount: 0 }, paid: { amount: 10_000 }, paymentIds: ["76"] } },
    { kind: "payment", paymentId: "76", amount: { amount: 10_000 } },
  ]);
});

test("another company's invoices are not read, nor is a number that two companies use", async () => {
  await using odoo = await startOdoo();
  odoo.moves.push(
    moveRow({ id: 1, name: "INV/1" }),
    moveRow({ id: 2, name: "INV/1", company_id: [2, "Acme SARL"] }),
  );
  const [all, one] = [bind({ url: odoo.url }), bind({ url: odoo.url, company: 2 })];
  expect(await all.fetch?.({ number: "INV/1" })).toBeNull();
  expect((await one.fetch?.({ number: "INV/1" }))?.changes).toMatchObject([
    { invoice: { externalId: "2" } },
  ]);
  // It is there, so nothing of it is gone.
  expect(await one.fetch?.({ externalId: "1" })).toEqual({ changes: [] });
  const { changes = [] } = (await one.changedSince?.("2026-11-01T00:00:00.000Z", null)) ?? {};
  expect(changes).toMatchObject([{ invoice: { externalId: "2" } }]);
});

test("of two readings of one write_date the later one is newer, even an hour after a year", async () => {
  await using odoo = await startOdoo();
  odoo.moves.push(moveRow({ id: 341, write_date: "2026-11-20 08:00:00" }));
  const second = Date.parse("2026-11-20T08:00:00.000Z") * 1000;
  const readAt = async (time: string) => {
    const http = testHttp({ now: new Date(time) });
    const connector = connectors
      .get("odoo")
      ?.bind({ url: odoo.url }, { webhookSecret, apiKey: "key-of-portal-bot" }, http);
    const [change] = (await connector?.fetch?.({ externalId: "341" }))?.changes ?? [];
    return change?.kind === "invoice" ? Number(change.invoice.version) : 0;
  };
  const times = [
    "2026-11-20T08:00:00.100Z",
    "2026-11-20T08:00:00.900Z",
    "2026-11-20T08:00:05.000Z",
  ];
  times.push("2026-12-20T08:00:00.000Z", "2027-11-20T08:00:00.000Z", "2027-11-20T09:00:00.000Z");
  let last = second;
  for (const time of times) {
    const version = await readAt(time);
    expect(version, time).toBeGreaterThan(last);
    last = version;
  }
  expect(last).toBeLessThan(second + 1_000_000);
  expect(await readAt("2126-11-20T08:00:00.000Z")).toBeLessThan(second + 1_000_000);
  expect(await readAt("2026-11-20T07:59:00.000Z")).toBe(second);
});

test.each(protocols)(
  "by %s what changed is read page by page, each once",
  async (_name, settings) => {
    await using odoo = await startOdoo();
    odoo.moves.push(moveRow({ id: 1, write_date: "2026-10-01 00:00:00" }));
    for (let id = 2; id <= 451; id += 1) odoo.moves.push(moveRow({ id }));
    odoo.moves.push(
      moveRow({
        id: 900,
        move_type: "out_refund",
        reversed_entry_id: [1, "INV/2026/00001"],
        ...{ amount_total: 10.0, amount_residual: 0.0 },
      }),
    );
    const connector = bind({ url: odoo.url, ...settings });
    const seen: string[] = [];
    for (let cursor: string | null = null, pages = 0; pages === 0 || cursor !== null; pages += 1) {
      const page: ChangedPage | undefined = await connector.changedSince?.(
        "2026-11-10T15:03:00.000Z",
        cursor,
      );
      if (!page) throw new Error("It cannot be asked");
      for (const change of page.changes) {
        if (change.kind === "invoice") seen.push(change.invoice.externalId ?? "");
      }
      cursor = page.next;
    }
    expect(seen).toHaveLength(451);
    expect(new Set(seen).size).toBe(451);
  },
);

test("a block by accounting means that somebody looks at the dispute", async () => {
  await using odoo = await startOdoo();
  odoo.moves.push(
    moveRow({
      id: 1,
      payment_state: "blocked",
      x_portal_dispute_state: "open",
      x_portal_dispute_ref: "D-1",
    }),
    moveRow({ id: 2, payment_state: "blocked" }),
    moveRow({ id: 3, x_portal_dispute_state: "open", x_portal_dispute_ref: "D-3" }),
    moveRow({
      id: 4,
      payment_state: "blocked",
      x_portal_dispute_state: "resolved",
      x_portal_dispute_ref: "D-4",
    }),
  );
  const disputes = async (settings: object) => {
    const page = await bind({ url: odoo.url, ...settings }).changedSince?.(
      "2026-11-01T00:00:00.000Z",
      null,
    );
    return page?.changes.filter(({ kind }) => kind === "dispute");
  };
  expect(await disputes({ customFields: true })).toMatchObject([
    { invoice: { externalId: "1" }, externalId: "D-1", state: "under_review" },
  ]);
  expect(await disputes({})).toEqual([]);
  expect(await disputes({ customFields: true, blocksPayment: true })).toEqual([]);
});

test("the test call names the newest invoice, and what is wrong with the set-up", async () => {
  await using odoo = await startOdoo({ hasOwnFields: false });
  expect(await bind({ url: odoo.url }).test?.()).toBe("Odoo answers; there is no invoice yet");
  odoo.moves.push(
    moveRow({ id: 5, name: "INV/5" }),
    moveRow({ id: 6, name: false, state: "draft" }),
  );
  expect(await bind({ url: odoo.url }).test?.()).toBe(
    "Odoo answers; the newest invoice is a draft",
  );
  const failureOf = async (settings: object, secrets: object = {}) => {
    try {
      return await bind({ url: odoo.url, ...settings }, secrets).test?.();
    } catch (error) {
      return error instanceof UpstreamError ? `${error.status}: ${error.message}` : error;
    }
  };
  const wrongKey = { apiKey: "another key" };
  expect(await failureOf({}, wrongKey)).toBe("401: Acme answered 401: Invalid apikey");
  expect(await failureOf(rpc, wrongKey)).toBe("401: Acme refuses the login or the key");
  expect(await failureOf({ customFields: true })).toContain(
    "Invalid field 'x_portal_dispute_state'",
  );
  expect(await failureOf({ ...rpc, customFields: true })).toContain("Invalid field");
  expect(await failureOf({ url: undefined })).toContain("its address or apiKey is not set");
});
