import fc from "fast-check";
import { expect, test } from "vitest";
import type { Change, ConnectorKind } from "#domain/change.ts";
import type { InvoiceView } from "#domain/invoice.ts";
import { canonicalJson, type Json } from "#domain/canonical-json.ts";
import { applyEvent } from "#server/ledger/view.ts";
import { verifyLedger } from "#server/ledger/verify/verify.ts";
import { onPostgres } from "#test/support/database.ts";
import { openLedger } from "#test/support/ledger.ts";

/** What happens to one invoice in the ERP, one step a version. */
type Step =
  | { kind: "pay"; amount: number; itemised: boolean; atProcessor: boolean }
  | { kind: "credit"; amount: number }
  | { kind: "move_due_date"; days: number }
  | { kind: "void" };

interface Message {
  connection: string;
  kind: ConnectorKind;
  changes: Change[];
}

const eur = (amount: number) => ({ amount, currency: "EUR" });
const told = (minute: number) => new Date(Date.UTC(2026, 10, 1, 8, minute)).toISOString();
const total = 1_000_000;

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("pay" as const),
      amount: fc.integer({ min: 1, max: 200_000 }),
      itemised: fc.boolean(),
      atProcessor: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("credit" as const),
      amount: fc.integer({ min: 1, max: 50_000 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("move_due_date" as const),
      days: fc.integer({ min: 1, max: 60 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "void" as const }) },
);

const ref = { externalId: "4711", number: "INV-1" };
const processorRef = { externalId: "in_1" };

/** The messages of a history: the ERP's snapshots, in part or whole, and both systems' payments. */
function tell(steps: Step[], parts: boolean[]) {
  let paid = 0;
  let credited = 0;
  let dueOn = "2026-12-01";
  let state: "issued" | "void" = "issued";
  const messages: Message[] = [
    erp([
      snapshot(1, { total: eur(total), due: eur(total), dueOn, customer: { externalId: "C" } }),
    ]),
    processor([processorSnapshot()]),
  ];
  steps.forEach((step, index) => {
    const version = index + 2;
    const changes: Change[] = [];
    if (step.kind === "pay") {
      paid += step.amount;
      const about = {
        paymentId: `P-${version}`,
        stage: "received" as const,
        amount: eur(step.amount),
      };
      const when = { occurredAt: told(version), toldAt: told(version) };
      if (step.atProcessor) {
        const pay = { kind: "payment" as const, invoice: processorRef, ...about, ...when };
        messages.push(processor([{ ...pay, version: told(version) }]));
      }
      if (step.itemised) {
        changes.push({ kind: "payment", invoice: ref, version, ...about, ...when });
      }
    }
    if (step.kind === "credit") {
      credited += step.amount;
      const about = { creditId: `CN-${version}`, type: "credit_note" as const };
      const when = { amount: eur(step.amount), occurredAt: told(version), toldAt: told(version) };
      changes.push({ kind: "credit", invoice: ref, version, ...about, ...when });
    }
    if (step.kind === "move_due_date") {
      dueOn = new Date(Date.UTC(2026, 11, 1 + step.days)).toISOString().slice(0, 10);
    }
    if (step.kind === "void") state = "void";
    const sums = { due: eur(total - paid - credited), paid: eur(paid) };
    const isPart = parts[index] ?? false;
    changes.push(
      isPart
        ? snapshot(version, { due: sums.due })
        : snapshot(version, { ...sums, total: eur(total), credited: eur(credited), dueOn, state }),
    );
    messages.push(...changes.map((change) => erp([change])));
  });
  const last = { total: eur(total), due: eur(total - paid - credited), paid: eur(paid) };
  messages.push(
    erp([snapshot(steps.length + 2, { ...last, credited: eur(credited), dueOn, state })]),
  );
  return { messages, paid, credited, dueOn, state };
}

function snapshot(version: number, rest: object): Change {
  const about = { ...ref, version, toldAt: told(version), currency: "EUR" };
  return { kind: "invoice", invoice: { ...about, ...rest } };
}

function processorSnapshot(): Change {
  const sameAs = { connection: "erp", externalId: "4711" };
  const sums = { total: eur(total), currency: "EUR", customer: { externalId: "cus_1" } };
  const invoice = { ...processorRef, number: "INV-1", version: told(1), sameAs, ...sums };
  return { kind: "invoice", invoice };
}

const erp = (changes: Change[]): Message => ({ connection: "erp", kind: "erp", changes });
const processor = (changes: Change[]): Message => ({
  connection: "stripe",
  kind: "payments",
  changes,
});

async function deliver(messages: Message[]) {
  await using ledger = await openLedger();
  for (const { connection, changes, kind } of messages) {
    await ledger.says(connection, changes, kind);
  }
  const invoice = await ledger.view("INV-1");
  const verdict = await verifyLedger(ledger.context.db);
  const events = await ledger.events("INV-1");
  return { view: invoice?.view, row: invoice?.row, verdict, events };
}

/** The projection without what may differ: ids that are made, and when it was learned. */
function comparable(view: object | undefined): string {
  const { customerRecord: _made, ...rest } = view as { customerRecord: string };
  return canonicalJson(rest as Json);
}

const history = fc
  .record({
    steps: fc.array(step, { minLength: 1, maxLength: 8 }),
    parts: fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }),
  })
  .chain(({ steps, parts }) => {
    const told = tell(steps, parts);
    const count = told.messages.length;
    const order = fc.shuffledSubarray([...Array(count).keys()], { minLength: count });
    const repeats = fc.array(fc.nat({ max: count - 1 }), { maxLength: 6 });
    return fc.record({ told: fc.constant(told), order, repeats });
  });

test("late, duplicated and shuffled deliveries lead to the same invoice, each payment once", async () => {
  await fc.assert(
    fc.asyncProperty(history, async ({ told, order, repeats }) => {
      const inOrder = await deliver(told.messages);
      const shuffled = [...order, ...repeats].flatMap((index) => told.messages[index] ?? []);
      const outOfOrder = await deliver(shuffled);
      expect(comparable(outOfOrder.view)).toBe(comparable(inOrder.view));
      expect(outOfOrder.view).toMatchObject({
        owner: "erp",
        paid: told.paid,
        credited: told.credited,
        due: total - told.paid - told.credited,
        dueOn: told.dueOn,
        state: told.state,
        unbooked: 0,
      });
      const ids = outOfOrder.view?.payments.map(({ id }) => id) ?? [];
      expect(new Set(ids).size).toBe(ids.length);
      // As text: else a rebuild would call every row different.
      const replayed = outOfOrder.events.reduce<InvoiceView | null>(applyEvent, null);
      expect(JSON.stringify(replayed)).toBe(outOfOrder.row?.view);
      expect(outOfOrder.verdict.ok).toBe(true);
    }),
    // A database of its own for each costs more there.
    { numRuns: onPostgres ? 20 : 60, seed: 20261120 },
  );
}, 120_000);
