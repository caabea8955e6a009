import fc from "fast-check";
import { expect, test } from "vitest";
import type { z } from "zod";
import type { Change } from "#domain/change.ts";
import { fromDecimal } from "#domain/money.ts";
import { readJson } from "#server/connectors/kit/json.ts";
import { QboInvoice, QboPayment } from "#server/connectors/quickbooks-online/objects.ts";
import {
  deletedInvoice,
  toChanges,
} from "#server/connectors/quickbooks-online/snapshot.ts";
import { type Company, type Entity, openCompany } from "#test/support/intuit-company.ts";
import { wireText } from "#test/support/intuit-wire.ts";
import { openLedger } from "#test/support/ledger.ts";

const read = <T>(schema: z.ZodType<T>, entity: Entity | undefined): T =>
  readJson(schema, Buffer.from(wireText(entity)));

/** What the connector would read of an invoice at this moment. */
function reading(books: Company, id: string, now: Date): Change[] {
  const entity = books.all.Invoice.get(id);
  if (!entity) return [deletedInvoice(id, now.toISOString())];
  const invoice = read(QboInvoice, entity);
  const payments = (invoice.LinkedTxn ?? []).map(({ TxnId }) => ({
    payment: read(QboPayment, books.all.Payment.get(TxnId)),
    creditMemos: [],
  }));
  return toChanges({ invoice, payments }, {});
}

type Step =
  | { kind: "pay"; first: number; second: number; credited: number }
  | { kind: "unpay" }
  | { kind: "edit" }
  | { kind: "void" }
  | { kind: "delete" };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("pay" as const),
      first: fc.integer({ min: 1, max: 30_000 }),
      second: fc.integer({ min: 0, max: 30_000 }),
      credited: fc.constantFrom(0, 0.5, 1),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("unpay" as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("edit" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("void" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("delete" as const) }) },
);

/** Lets it happen in the books of a company with two invoices; gives what was read after each step. */
function play(steps: Step[], clockStands: boolean) {
  let now = new Date("2026-11-01T10:00:00.000Z");
  const books = openCompany(() => now);
  const ids = ["INV-1", "INV-2"].map((docNumber) => books.issue(1_000_000, { docNumber }));
  const [first = "", second = ""] = ids;
  const readings = ids.map((id) => reading(books, id, now));
  for (const each of steps) {
    // Several changes in one second have one time there.
    if (!clockStands) now = new Date(now.getTime() + 1000);
    happen(books, each, { first, second });
    readings.push(...ids.map((id) => reading(books, id, now)));
  }
  return { books, ids, readings };
}

function happen(books: Company, each: Step, { first, second }: { first: string; second: string }) {
  const isLive = (id: string) =>
    books.all.Invoice.has(id) && books.all.Invoice.get(id)?.PrivateNote === undefined;
  const payments = [...books.all.Payment.keys()];
  const last = payments.at(-1);
  switch (each.kind) {
    case "pay": {
      const parts = [
        { invoice: first, amount: each.first },
        { invoice: second, amount: each.second },
      ].filter(({ invoice, amount }) => amount > 0 && isLive(invoice));
      const sum = parts.reduce((total, { amount }) => total + amount, 0);
      const amount = Math.floor(sum * each.credited);
      const credits = amount > 0 ? [{ memo: "171", amount }] : [];
      if (parts.length > 0) books.pay(parts, { credits });
      return;
    }
    case "unpay":
      if (last !== undefined) books.deletePayment(last);
      return;
    case "edit":
      if (last !== undefined) books.change("Payment", last, { PaymentRefNum: "edited" });
      return;
    case "void":
      if (isLive(second)) books.voidInvoice(second);
      return;
    case "delete":
      if (isLive(second)) books.deleteInvoice(second);
  }
}

test("whatever happens in the books, readings in any order, late or lost, lead to what they say", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 12 }),
      fc.boolean(),
      fc.infiniteStream(fc.nat(1000)),
      async (steps, clockStands, chance) => {
        const { books, ids, readings } = play(steps, clockStands);
        const lastTwo = readings.slice(-2);
        const some = readings.slice(0, -2).filter(() => (chance.next().value ?? 0) % 4 !== 0);
        const told = [...some, ...lastTwo]
          .map((changes) => ({ changes, place: chance.next().value ?? 0 }))
          .sort((a, b) => a.place - b.place);
        await using ledger = await openLedger();
        for (const { changes } of told) await ledger.says("qbo", changes, "accounting");
        for (const [at, id] of ids.entries()) {
          const entity = books.all.Invoice.get(id);
          if (!entity) continue;
          const invoice = read(QboInvoice, entity);
          const view = (await ledger.view(`INV-${at + 1}`))?.view;
          const minor = (text: string) => fromDecimal(text, "USD").amount;
          expect(view?.due).toBe(minor(invoice.Balance));
          expect(view?.total).toBe(minor(invoice.TotalAmt));
          expect(view?.inferred).toBe(0);
          expect(view?.state).toBe(invoice.PrivateNote ? "void" : "issued");
          const linked = new Set((invoice.LinkedTxn ?? []).map(({ TxnId }) => TxnId));
          const standing = [
            ...(view?.payments ?? []).filter(({ stage }) => stage === "received"),
            ...(view?.credits ?? []).filter(({ voided }) => !voided),
          ];
          expect(new Set(standing.map(({ id: item }) => item))).toEqual(linked);
          const sum = standing.reduce((total, { amount }) => total + amount, 0);
          expect(sum).toBe(minor(invoice.TotalAmt) - minor(invoice.Balance));
        }
      },
    ),
    { numRuns: 25, seed: 20261120 },
  );
});
