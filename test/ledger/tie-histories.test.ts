import fc from "fast-check";
import { expect, test } from "vitest";
import type { Change } from "#domain/change.ts";
import { canonicalJson, type Json } from "#domain/canonical-json.ts";
import type { InvoiceView } from "#domain/invoice.ts";
import { applyEvent } from "#server/ledger/view.ts";
import { onPostgres } from "#test/support/database.ts";
import { openLedger } from "#test/support/ledger.ts";

const eur = (amount: number) => ({ amount, currency: "EUR" });
const minute = (at: number) => `2026-11-20T09:0${at}:00.000Z`;
const amount = fc.integer({ min: 0, max: 5 }).map((part) => eur(part * 1000));
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });

/** Few versions and few values, so that most tellings stand beside another one of their version. */
const telling = fc.record({
  version: fc.integer({ min: 1, max: 3 }),
  readAt: maybe(fc.integer({ min: 1, max: 3 })),
  rank: maybe(fc.integer({ min: 0, max: 2 })),
  total: maybe(fc.constant(eur(5000))),
  paid: maybe(amount),
  due: maybe(amount),
  credited: maybe(amount),
  balanceBy: maybe(fc.constantFrom("payment" as const, "credit" as const)),
  state: maybe(fc.constantFrom("issued" as const, "void" as const)),
  dueOn: maybe(fc.constantFrom("2026-12-01", "2026-12-24")),
  customer: maybe(fc.constantFrom("C-1", "C-2")),
  paymentIds: maybe(fc.subarray(["P-1", "P-2"])),
  payment: maybe(fc.record({ id: fc.constantFrom("P-1", "P-2"), amount })),
});
type Telling = typeof telling extends fc.Arbitrary<infer T> ? T : never;

function changesOf({ version, readAt, rank, customer, payment, ...told }: Telling): Change[] {
  const about = {
    ...{ version, toldAt: minute(version), rank },
    ...(readAt !== undefined && { readAt: minute(readAt + 3) }),
  };
  const ref = { externalId: "4711", number: "INV-1" };
  const who = customer === undefined ? {} : { customer: { externalId: customer, name: customer } };
  const changes: Change[] = [
    { kind: "invoice", invoice: { ...ref, ...about, ...told, ...who, currency: "EUR" } },
  ];
  if (payment) {
    const { id: paymentId, amount } = payment;
    const item = { paymentId, stage: "received" as const, amount, occurredAt: minute(version) };
    changes.push({ kind: "payment", invoice: ref, ...about, ...item });
  }
  return changes;
}

/** What the invoice shows in the end; a replay of its events gives the same. */
async function after(tellings: Telling[]) {
  await using ledger = await openLedger();
  for (const each of tellings) await ledger.says("erp", changesOf(each));
  const shown = await ledger.view("INV-1");
  if (!shown) return null;
  const events = await ledger.events("INV-1");
  const replayed = events.reduce<InvoiceView | null>(applyEvent, null);
  expect(JSON.stringify(replayed)).toBe(shown.row.view);
  const { customerRecord: _made, ...view } = shown.view;
  const { total, paid, credited, due, otherwise = 0 } = view;
  expect(due).toBe(total - paid - credited - otherwise);
  return canonicalJson(view as Json);
}

const first: Telling = {
  ...{ version: 1, total: eur(5000), due: eur(5000), customer: "C-1", state: "issued" },
  ...{ readAt: undefined, rank: undefined, paid: undefined, credited: undefined },
  ...{ balanceBy: undefined, dueOn: undefined, paymentIds: undefined, payment: undefined },
};

const history = fc.array(telling, { minLength: 2, maxLength: 5 }).chain((tellings) => {
  const all = [first, ...tellings];
  const order = fc.shuffledSubarray([...all.keys()], { minLength: all.length });
  return fc.record({ all: fc.constant(all), order });
});

test("tellings of one version lead to the same invoice in every order", async () => {
  await fc.assert(
    fc.asyncProperty(history, async ({ all, order }) => {
      const shuffled = order.flatMap((index) => all[index] ?? []);
      expect(await after([...shuffled, ...all])).toBe(await after(all));
    }),
    { numRuns: onPostgres ? 15 : 60, seed: 20261130 },
  );
}, 120_000);
