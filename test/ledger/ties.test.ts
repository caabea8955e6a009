import { expect, test } from "vitest";
import type { Change } from "#domain/change.ts";
import { openLedger } from "#test/support/ledger.ts";

const eur = (amount: number) => ({ amount, currency: "EUR" });
const at = "2026-11-20T09:00:00.000Z";

/** One version of one invoice: what is told under it differs. */
function telling(rest: object): Change {
  return {
    kind: "invoice",
    invoice: {
      ...{ externalId: "in_1", number: "INV-1", version: at, toldAt: at },
      ...{ customer: { externalId: "C-1", name: "Acme" }, currency: "EUR", state: "issued" },
      ...{ total: eur(10000), dueOn: "2026-12-01" },
      ...rest,
    },
  };
}

const open = { paid: eur(0), due: eur(10000) };
const paid = { paid: eur(10000), due: eur(0) };

/** What the invoice shows after each order of arrival; the second time with everything repeated. */
async function afterEachOrder(...changes: Change[]) {
  const shown: unknown[] = [];
  for (const order of [changes, changes.toReversed(), [...changes, ...changes]]) {
    await using ledger = await openLedger();
    for (const change of order) await ledger.says("erp", [change]);
    const view = (await ledger.view("INV-1"))?.view;
    expect(view?.due).toBe((view?.total ?? 0) - (view?.paid ?? 0) - (view?.credited ?? 0));
    const audited = (await ledger.events()).filter(
      ({ type, data }) => type === "audit.recorded" && data.action === "version_conflict",
    );
    const { paid: sum, due, credited, dueOn, customerName, payments } = view ?? {};
    shown.push({ paid: sum, due, credited, dueOn, customerName, payments, told: audited.length });
  }
  return shown;
}

const always = (...expected: object[]) =>
  [0, 1, 2].map((index) => expect.objectContaining(expected[index] ?? expected[0] ?? {}));

test("of one version the message stands that comes later by nature, whole and without a word", async () => {
  const shown = await afterEachOrder(
    telling({ ...open, rank: 1 }),
    telling({ ...paid, rank: 5, customer: { externalId: "C-2", name: "Other" } }),
  );
  expect(shown).toEqual(
    always({ paid: 10000, credited: 0, due: 0, customerName: "Other", told: 0 }),
  );
});

test("a reading stands above what was sent, and a later reading above an earlier one", async () => {
  const readAt = (minute: number) => `2026-11-20T09:0${minute}:00.000Z`;
  const shown = await afterEachOrder(
    telling({ ...paid, readAt: readAt(1) }),
    telling({ ...open, rank: 9, dueOn: "2027-01-01" }),
    telling({ ...open, readAt: readAt(2), dueOn: "2026-12-24" }),
  );
  expect(shown).toEqual(always({ paid: 0, due: 10000, dueOn: "2026-12-24", told: 0 }));
});

test("where nothing decides, the greater text of the whole does, and finance is told once", async () => {
  const one = { paid: eur(4000), due: eur(6000), dueOn: "2026-12-24" };
  const other = { paid: eur(7000), due: eur(3000), dueOn: "2026-12-03" };
  const shown = await afterEachOrder(telling(one), telling(other));
  expect(shown).toEqual(
    always({ paid: 4000, credited: 0, due: 6000, dueOn: "2026-12-24", told: 1 }),
  );
});

test("what was asked and answered is no conflict, however the messages before it differed", async () => {
  await using ledger = await openLedger();
  await ledger.says("erp", [telling(open)]);
  const read = telling({ ...open, dueOn: "2026-12-24", readAt: "2026-11-20T09:01:00.000Z" });
  await ledger.says("erp", [read, telling(paid)]);
  expect((await ledger.view("INV-1"))?.view).toMatchObject({ paid: 0, due: 10000 });
  const types = (await ledger.events()).map(({ type }) => type);
  expect(types).not.toContain("audit.recorded");
});

test("lists and payments come from one reading: what came is not taken back", async () => {
  const readAt = (minute: number) => `2026-11-20T09:0${minute}:00.000Z`;
  const payment = (minute: number): Change => ({
    ...{ kind: "payment", invoice: { externalId: "in_1" }, paymentId: "P-1", stage: "received" },
    ...{ amount: eur(10000), occurredAt: "2026-11-19", version: at, readAt: readAt(minute) },
  });
  for (const order of [
    [1, 2],
    [2, 1],
  ]) {
    await using ledger = await openLedger();
    for (const minute of order) {
      const ids = minute === 2 ? ["P-1"] : [];
      const sums = { ...(minute === 2 ? paid : open), paymentIds: ids, readAt: readAt(minute) };
      await ledger.says("erp", [telling(sums), ...(minute === 2 ? [payment(2)] : [])]);
    }
    const view = (await ledger.view("INV-1"))?.view;
    expect(view).toMatchObject({ paid: 10000, due: 0, payments: [{ stage: "received" }] });
    const types = (await ledger.events("INV-1")).map(({ type }) => type);
    expect(types).not.toContain("payment.reversed");
  }
});

test("a part that loses a tie still fills what the winner did not tell", async () => {
  const { invoice } = telling({}) as Extract<Change, { kind: "invoice" }>;
  const part: Change = {
    kind: "invoice",
    invoice: {
      externalId: "in_1",
      version: at,
      toldAt: at,
      rank: 5,
      due: eur(0),
      paid: eur(10000),
    },
  };
  const shown = await afterEachOrder({ kind: "invoice", invoice: { ...invoice, rank: 0 } }, part);
  expect(shown.slice(0, 1)).toEqual([
    expect.objectContaining({ paid: 10000, due: 0, dueOn: "2026-12-01" }),
  ]);
});
