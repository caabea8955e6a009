import Database from "better-sqlite3";
import type { CompiledQuery } from "kysely";
import { expect, test } from "vitest";
import type { Db } from "#db/connect.ts";
import { deliveriesAfter, invoicesAfter } from "#db/queries/api-invoices.ts";
import { eventRowsAfter } from "#db/queries/audit-log.ts";
import { disputesAfter } from "#db/queries/dispute-queue.ts";
import { listInvoices, openStatuses } from "#db/queries/invoices.ts";
import { outboxAfter } from "#db/queries/outbox-log.ts";
import { CustomerScope } from "#db/queries/scope.ts";
import { disputesOf } from "#db/queries/disputes-of.ts";
import { caughtUp } from "#server/live/messages.ts";
import { onPostgres } from "#test/support/database.ts";
import { openLedger } from "#test/support/ledger.ts";

/** The plan of everything that a function asks the database. */
async function planOf(ask: (db: Db) => Promise<unknown>): Promise<string> {
  await using ledger = await openLedger();
  const asked: CompiledQuery[] = [];
  const { db } = ledger.context;
  const executor = db.getExecutor();
  await ask(
    db.withPlugin({
      transformQuery({ node, queryId }) {
        asked.push(executor.compileQuery(node, queryId));
        return node;
      },
      transformResult: async ({ result }) => result,
    }),
  );
  const sqlite = new Database(ledger.url.replace("file:", ""), { readonly: true });
  const lines = asked.flatMap(({ sql, parameters }) =>
    sqlite.prepare<unknown[], { detail: string }>(`explain query plan ${sql}`).all(...parameters),
  );
  sqlite.close();
  return lines.map(({ detail }) => detail).join("\n");
}

const page = { limit: 51 };
const scope = new CustomerScope({
  ...{ customerId: "cus_1", customerName: "Acme", userId: "key_1", userName: "n", role: "member" },
});
const first = { since: 0, after: { sequence: 10, id: "inv_1" }, ...page };

const plans: [name: string, index: RegExp, ask: (db: Db) => Promise<unknown>][] = [
  ["no filter", /invoices_sequence/, (db) => invoicesAfter(db, null, first)],
  ["number", /invoices_number/, (db) => invoicesAfter(db, null, { ...first, number: "A" })],
  [
    "externalId",
    /invoices_external/,
    (db) => invoicesAfter(db, null, { ...first, externalId: "A" }),
  ],
  [
    "connection",
    /invoices_owner/,
    (db) => invoicesAfter(db, null, { ...first, connection: "erp" }),
  ],
  [
    "connection and externalId",
    /n USING (PRIMARY KEY|COVERING INDEX)|n USING INDEX/,
    (db) => invoicesAfter(db, null, { ...first, connection: "erp", externalId: "A" }),
  ],
  ["customer", /invoices_customer/, (db) => invoicesAfter(db, null, { ...first, customer: "c" })],
  ["status", /invoices_status/, (db) => invoicesAfter(db, null, { ...first, status: "overdue" })],
  ["dispute", /disputes_queue/, (db) => invoicesAfter(db, null, { ...first, dispute: "open" })],
  ["updatedSince", /invoices_sequence/, (db) => invoicesAfter(db, null, { ...first, since: 5 })],
  ["a customer's key", /invoices_customer/, (db) => invoicesAfter(db, scope, first)],
  ["disputes", /disputes_sequence/, (db) => disputesAfter(db, { after: 1, ...page })],
  [
    "disputes of an invoice",
    /disputes_invoice/,
    (db) => disputesAfter(db, { after: 1, invoiceId: "inv_1", ...page }),
  ],
  ["deliveries", /INTEGER PRIMARY KEY/, (db) => deliveriesAfter(db, { after: 1, ...page })],
  [
    "deliveries of a connection",
    /deliveries_connection/,
    (db) => deliveriesAfter(db, { after: 1, connection: "erp", ...page }),
  ],
  [
    "dead deliveries",
    /deliveries_dead|INTEGER PRIMARY KEY/,
    (db) => deliveriesAfter(db, { after: 1, state: "dead", ...page }),
  ],
  ["outbox", /outbox_created/, (db) => outboxAfter(db, page)],
  ["outbox by state", /outbox_state/, (db) => outboxAfter(db, { state: "refused", ...page })],
  ["ledger", /INTEGER PRIMARY KEY/, (db) => eventRowsAfter(db, {}, { after: 1, ...page })],
  [
    "events of an invoice",
    /events_invoice/,
    (db) => eventRowsAfter(db, { invoices: ["inv_1"] }, { after: 1, ...page }),
  ],
  [
    "a customer's ledger",
    /events_chain/,
    (db) => eventRowsAfter(db, { chains: ["crc_1"], audience: "customer" }, { after: 1, ...page }),
  ],
];

test.skipIf(onPostgres).each(plans)(
  "the API's list with %s reads by an index",
  async (_, index, ask) => {
    const plan = await planOf(ask);
    expect(plan).toMatch(index);
    expect(plan).not.toMatch(/^SCAN (?!.* USING INDEX)/m);
  },
);

test.skipIf(onPostgres)("what a customer's page missed is read by indexes", async () => {
  const seat = { token: "t", customerId: "cus_1", room: "customer:cus_1" };
  const plan = await planOf((db) => caughtUp(db, seat, 0));
  expect(plan).toMatch(/events_links/);
  expect(plan).toMatch(/events_chain/);
  expect(plan).not.toMatch(/^SCAN (?!ledger_head)/m);
});

test.skipIf(onPostgres)("a page of closed disputes is read in its order, not sorted", async () => {
  const after = { rank: 1, sequence: 5 };
  const plan = await planOf((db) => disputesOf(db, scope, { open: false, after, limit: 51 }));
  expect(plan).toMatch(/disputes_customer_sequence/);
  expect(plan).not.toMatch(/TEMP B-TREE|^SCAN/m);
});

const searched = { search: "balconies", currency: "EUR", disputed: true, dueFrom: "2026-01-01" };

test.skipIf(onPostgres).each(["urgent", "due", "issued", "number", "amount"] as const)(
  "a search in the order of %s reads no invoice that the words did not find",
  async (sort) => {
    const filter = { ...searched, statuses: [...openStatuses, "paid" as const] };
    const listing = { filter, sort, descending: false, cursor: null };
    const plan = await planOf((db) => listInvoices(db, scope, listing));
    const reads = plan.split("\n").filter((line) => /^(SCAN|SEARCH) invoices/.test(line));
    expect(reads.length).toBeGreaterThan(0);
    expect(new Set(reads)).toEqual(
      new Set(["SEARCH invoices USING INDEX sqlite_autoindex_invoices_1 (id=?)"]),
    );
  },
);

test("a customer who has no records yet searches and finds nothing", async () => {
  await using ledger = await openLedger();
  const listing = { filter: { search: "balconies" }, sort: "urgent", descending: false } as const;
  const found = await listInvoices(ledger.context.db, scope, { ...listing, cursor: null });
  expect(found.rows).toEqual([]);
});
