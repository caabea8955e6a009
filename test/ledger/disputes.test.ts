import { expect, test } from "vitest";
import type { Change, PersonAction } from "#domain/change.ts";
import { isCreditPending } from "#domain/dispute.ts";
import { record } from "#server/ledger/record.ts";
import { openLedger } from "#test/support/ledger.ts";

type Ledger = Awaited<ReturnType<typeof openLedger>>;

async function invoiced(ledger: Ledger): Promise<string> {
  const money = {
    total: { amount: 1000, currency: "EUR" },
    due: { amount: 1000, currency: "EUR" },
  };
  const lines = [
    { id: "1", description: "Anodizing" },
    { id: "2", description: "Sealing" },
  ];
  const customer = { externalId: "C-1", name: "ACME" };
  const invoice = { number: "A", version: 1, customer, currency: "EUR", ...money, lines };
  await ledger.says("erp", [{ kind: "invoice", invoice }]);
  return (await ledger.invoiceId("A")) ?? "";
}

function acts(ledger: Ledger, side: "customer" | "supplier", action: PersonAction) {
  return record(ledger.context, {
    kind: "person",
    source: { kind: "user", user: side },
    person: { id: side, name: side === "customer" ? "Ines" : "Jeroen", side },
    actions: [action],
  });
}

const opened = (invoiceId: string, rest: object = {}): PersonAction => ({
  kind: "open_dispute",
  invoiceId,
  reason: "price_incorrect",
  amount: null,
  lines: [],
  message: "Too dear",
  ...rest,
});

const credited = (creditId: string, amount: number): Change => ({
  kind: "credit",
  invoice: { number: "A" },
  version: 2,
  creditId,
  type: "credit_note",
  amount: { amount, currency: "EUR" },
  occurredAt: "2026-11-20T10:00:00.000Z",
});

async function onlyDispute(ledger: Ledger) {
  return ledger.context.db.selectFrom("disputes").selectAll().executeTakeFirstOrThrow();
}

test("a dispute goes from open to resolved, and its credit is pending until the owner shows it", async () => {
  await using ledger = await openLedger();
  const invoice = await invoiced(ledger);
  await acts(ledger, "customer", opened(invoice));
  const { id, number } = await onlyDispute(ledger);
  expect(number).toBe("D-A-01");
  const moves = [
    { state: "under_review" as const },
    { state: "waiting_for_customer" as const, message: "Which line?" },
    { state: "resolved" as const, creditedAmount: 400 },
  ];
  for (const move of moves) {
    await acts(ledger, "supplier", { kind: "move_dispute", disputeId: id, ...move });
  }
  const types = (await ledger.events("A")).map(({ type }) => type);
  expect(types).toEqual([
    "invoice.issued",
    "dispute.opened",
    "dispute.updated",
    "dispute.assigned",
    "dispute.waiting",
    "dispute.resolved",
  ]);
  expect(await onlyDispute(ledger)).toMatchObject({ state: "resolved", credit_expected: 400 });
  expect((await ledger.view("A"))?.row.dispute).toBe("resolved");
  await ledger.says("erp", [credited("CN-1", 400)]);
  expect(await onlyDispute(ledger)).toMatchObject({ credit_expected: null });
});

test.each(["before", "with", "after"] as const)(
  "accounting resolves, and books the credit %s it: pending only while it is not booked",
  async (when) => {
    await using ledger = await openLedger();
    const invoice = await invoiced(ledger);
    await ledger.says("erp", [credited("CN-0", 50)]);
    await acts(ledger, "customer", opened(invoice));
    const { number } = await onlyDispute(ledger);
    const resolved: Change = {
      kind: "dispute",
      invoice: { number: "A" },
      externalId: number,
      state: "resolved",
      creditedAmount: { amount: 400, currency: "EUR" },
      occurredAt: "2026-11-20T10:00:00.000Z",
    };
    const isPending = async () => {
      const row = (await ledger.view("A"))?.row ?? { credited: Number.NaN };
      return isCreditPending(await onlyDispute(ledger), row);
    };
    if (when === "before") await ledger.says("erp", [credited("CN-1", 400)]);
    await ledger.says("erp", [...(when === "with" ? [credited("CN-1", 400)] : []), resolved]);
    expect(await isPending()).toBe(when === "after");
    await ledger.says("erp", [credited("CN-1", 400)]);
    expect(await isPending()).toBe(false);
    expect(await onlyDispute(ledger)).toMatchObject({ state: "resolved", credited_amount: 400 });
  },
);

test("a credit that settled another dispute is not this one's", async () => {
  await using ledger = await openLedger();
  const invoice = await invoiced(ledger);
  await acts(ledger, "customer", opened(invoice, { lines: [{ lineId: "1", amount: 300 }] }));
  await acts(ledger, "customer", opened(invoice, { lines: [{ lineId: "2", amount: 200 }] }));
  const rows = ledger.context.db.selectFrom("disputes").selectAll().orderBy("number");
  const resolve = async (at: 0 | 1, creditedAmount: number) => {
    const disputeId = (await rows.execute())[at]?.id ?? "";
    const move = { kind: "move_dispute", disputeId, state: "resolved", creditedAmount } as const;
    await acts(ledger, "supplier", move);
  };
  await ledger.says("erp", [credited("CN-1", 300)]);
  await resolve(0, 300);
  await resolve(1, 200);
  const invoiceRow = (await ledger.view("A"))?.row ?? { credited: Number.NaN };
  const pending = (await rows.execute()).map((row) => isCreditPending(row, invoiceRow));
  expect(pending).toEqual([false, true]);
});

test("a whole-invoice dispute excludes others, partial ones coexist on lines of their own", async () => {
  await using ledger = await openLedger();
  const invoice = await invoiced(ledger);
  const about = (lineId: string) => ({ lines: [{ lineId, amount: 100 }] });
  await acts(ledger, "customer", opened(invoice, about("1")));
  await expect(acts(ledger, "customer", opened(invoice, about("1")))).rejects.toThrow("still open");
  await acts(ledger, "customer", opened(invoice, about("2")));
  await expect(acts(ledger, "customer", opened(invoice))).rejects.toThrow("still open");
  const numbers = await ledger.context.db.selectFrom("disputes").select("number").execute();
  expect(numbers.map(({ number }) => number)).toEqual(["D-A-01", "D-A-02"]);
});

test("who may do what is checked where it is written", async () => {
  await using ledger = await openLedger();
  const invoice = await invoiced(ledger);
  await acts(ledger, "customer", opened(invoice));
  const { id: disputeId } = await onlyDispute(ledger);
  const resolve = { kind: "move_dispute", disputeId, state: "resolved" } as const;
  await expect(acts(ledger, "customer", resolve)).rejects.toThrow("Only the supplier");
  const withdraw = { kind: "move_dispute", disputeId, state: "withdrawn" } as const;
  await expect(acts(ledger, "supplier", withdraw)).rejects.toThrow("Only the customer");
  const reject = { kind: "move_dispute", disputeId, state: "rejected" } as const;
  await expect(acts(ledger, "supplier", reject)).rejects.toThrow("needs a reason");
  const tooMuch = { ...resolve, creditedAmount: 1001 };
  await expect(acts(ledger, "supplier", tooMuch)).rejects.toThrow("More than was disputed");
  await acts(ledger, "customer", withdraw);
  await expect(acts(ledger, "supplier", resolve)).rejects.toThrow("withdrawn already");
});

test("a note stays in the supplier's chain", async () => {
  await using ledger = await openLedger();
  const invoiceId = await invoiced(ledger);
  await acts(ledger, "supplier", { kind: "note", invoiceId, text: "Old price list" });
  const note = (await ledger.events("A")).find(({ type }) => type === "note.added");
  expect(note).toMatchObject({ chain: "supplier", audience: "supplier" });
});

test("accounting answers a dispute by our id; what it says of a closed one changes nothing", async () => {
  await using ledger = await openLedger();
  const invoice = await invoiced(ledger);
  await acts(ledger, "customer", opened(invoice));
  const { id } = await onlyDispute(ledger);
  const said = (state: "under_review" | "rejected", minute: number) => ({
    kind: "dispute" as const,
    invoice: { number: "A" },
    externalId: id,
    state,
    message: `it is ${state}`,
    occurredAt: `2026-11-20T10:0${minute}:00.000Z`,
  });
  await ledger.says("erp", [said("under_review", 1)]);
  await ledger.says("erp", [said("under_review", 1)]);
  await ledger.says("erp", [said("rejected", 3)]);
  await ledger.says("erp", [said("under_review", 4)]);
  expect(await onlyDispute(ledger)).toMatchObject({ state: "rejected" });
  const types = (await ledger.events("A")).map(({ type }) => type);
  expect(types.slice(2)).toEqual(["dispute.updated", "dispute.rejected", "audit.recorded"]);
});

test("what a customer does waits in the outbox for the owner, once", async () => {
  await using ledger = await openLedger();
  const now = "2026-11-20T10:00:00.000Z";
  await ledger.context.writer
    .insertInto("connections")
    .values({
      id: "erp",
      system: "standard-webhooks",
      name: "ERP",
      kind: "erp",
      settings: "{}",
      secrets: Buffer.alloc(0),
      created_at: now,
    })
    .execute();
  const invoice = await invoiced(ledger);
  await acts(ledger, "customer", opened(invoice, { amount: 120 }));
  const rows = await ledger.context.db.selectFrom("outbox").selectAll().execute();
  expect(rows).toHaveLength(1);
  const [row] = rows;
  expect(row).toMatchObject({ kind: "writeback", target: "erp", what: "dispute.opened" });
  expect(JSON.parse(row?.payload ?? "")).toMatchObject({
    event: "dispute.opened",
    marker: "[D-A-01#2]",
    invoice: { number: "A", currency: "EUR" },
    dispute: { number: "D-A-01", amount: { amount: 120, currency: "EUR" } },
    actor: { name: "Ines" },
  });
});

test("the whole of an invoice is what is still due, and its total once nothing is", async () => {
  for (const [due, disputed] of [
    [400, 400],
    [0, 1000],
  ] as const) {
    await using ledger = await openLedger();
    const invoice = await invoiced(ledger);
    const sums = { due: { amount: due, currency: "EUR" } };
    await ledger.says("erp", [{ kind: "invoice", invoice: { number: "A", version: 2, ...sums } }]);
    await acts(ledger, "customer", opened(invoice));
    expect((await onlyDispute(ledger)).amount).toBe(disputed);
  }
});
