import { expect, test } from "vitest";
import type { ConnectorKind } from "#domain/change.ts";
import { canonicalJson, type Json } from "#domain/canonical-json.ts";
import { type InvoiceView } from "#domain/invoice.ts";
import { statusOf } from "#domain/invoice-sums.ts";
import type { Source } from "#domain/event.ts";
import { newId } from "#domain/id.ts";
import { createCustomer } from "#server/customers/create-customer.ts";
import { linkRecord } from "#server/customers/link-record.ts";
import { type Facts, newSource } from "#server/ledger/facts.ts";
import { mergeChanges } from "#server/ledger/merge-changes.ts";
import { applyEvent, viewOf } from "#server/ledger/view.ts";
import { openLedger } from "#test/support/ledger.ts";
import { bookings } from "./booking-stories.ts";
import type { Message } from "./money-messages.ts";
import { refunds, reversals } from "./refund-stories.ts";

const stories = [...bookings, ...refunds, ...reversals];

/** What an order of messages leads to in the end: a pure function of what was told. */
function inOrder(messages: Message[]): InvoiceView {
  const facts: Facts = { owner: "erp", sources: {} };
  for (const { connection, changes, at } of messages) {
    const source = (facts.sources[connection] ??= newSource(kindOf(connection)));
    const told = changes.filter((change) => change.kind !== "fetch");
    const from = { connection: {}, receivedAt: at, byPortal: false, customerRecord: "record" };
    mergeChanges(source, told, from);
  }
  const view = viewOf(facts);
  if (!view) throw new Error("Too little was told");
  return view;
}

const kindOf = (connection: string): ConnectorKind => (connection === "erp" ? "erp" : "payments");

function permutations<T>(items: T[]): T[][] {
  if (items.length < 2) return [items];
  return items.flatMap((item, at) =>
    permutations(items.toSpliced(at, 1)).map((rest) => [item, ...rest]),
  );
}

test.each(stories)("$name: the same in every order of arrival", ({ messages, ends }) => {
  const [told, ...others] = permutations(messages).map(inOrder);
  if (!told) throw new Error("No order");
  const { total, paid, credited, due, otherwise = 0 } = told;
  expect({ total, paid, credited, due, status: statusOf(told) }).toEqual({
    total: 100_000,
    ...ends,
  });
  expect(due).toBe(total - paid - credited - otherwise);
  const text = canonicalJson(told as Json);
  for (const other of others) expect(canonicalJson(other as Json)).toBe(text);
});

type Ledger = Awaited<ReturnType<typeof openLedger>>;

/** Somebody who gets the customer's mails. */
async function addReader({ context }: Ledger): Promise<void> {
  const source: Source = { kind: "operator", name: "test" };
  const customer = await createCustomer(context, source, { name: "Acme" });
  const now = context.clock().toISOString();
  const user = { id: newId("usr"), name: "Ines", email: "ines@acme.example", emailVerified: 1 };
  const defaults = { image: null, staffRole: null, locale: null, timeZone: null };
  const row = { ...user, ...defaults, createdAt: now, updatedAt: now };
  await context.writer.insertInto("user").values(row).execute();
  const member = { id: "m", organizationId: customer, userId: user.id, role: "owner" };
  await context.writer
    .insertInto("member")
    .values({ ...member, createdAt: now })
    .execute();
  const records = context.db.selectFrom("customer_records").select("id");
  for (const { id: record } of await records.execute()) {
    await linkRecord(context, source, { record, customer });
  }
}

test.each(stories)("$name: told and mailed once", async ({ messages, ends, tells, mails }) => {
  await using ledger = await openLedger();
  for (const [index, { connection, changes, at }] of messages.entries()) {
    ledger.setTime(at);
    await ledger.says(connection, changes, kindOf(connection));
    if (index === 0) await addReader(ledger);
  }
  const shown = await ledger.view("INV-1");
  const { total, paid, credited, due, status } = shown?.row ?? {};
  expect({ total, paid, credited, due, status }).toEqual({ total: 100_000, ...ends });
  const events = await ledger.events("INV-1");
  const money = events.filter(({ type }) => /^payment|adjusted|settled/.test(type));
  expect(
    money.map(({ type, data }) => ("amount" in data ? `${type} ${data.amount}` : type)),
  ).toEqual(tells);
  const rows = ledger.context.db.selectFrom("outbox").select("what").where("kind", "=", "mail");
  const sent = await rows.orderBy("sequence").execute();
  expect(sent.map(({ what }) => what)).toEqual(mails);
  const replayed = events.reduce<InvoiceView | null>(applyEvent, null);
  expect(JSON.stringify(replayed)).toBe(shown?.row.view);
});
