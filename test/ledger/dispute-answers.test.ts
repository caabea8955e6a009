import { expect, test } from "vitest";
import type { Change, PersonAction } from "#domain/change.ts";
import { record } from "#server/ledger/record.ts";
import { openLedger } from "#test/support/ledger.ts";

type Ledger = Awaited<ReturnType<typeof openLedger>>;
type DisputeTold = Extract<Change, { kind: "dispute" }>;

const eur = (amount: number) => ({ amount, currency: "EUR" });

async function invoiced(ledger: Ledger, number = "A"): Promise<string> {
  const customer = { externalId: "C-1", name: "ACME" };
  const invoice = { number, version: 1, customer, total: eur(1000), due: eur(1000) };
  await ledger.says("erp", [{ kind: "invoice", invoice }]);
  return (await ledger.invoiceId(number)) ?? "";
}

async function openedHere(ledger: Ledger) {
  const invoiceId = await invoiced(ledger);
  await acts(ledger, "customer", {
    kind: "open_dispute",
    invoiceId,
    reason: "price_incorrect",
    ...{ amount: null, lines: [], message: "Too dear" },
  });
  return disputeOf(ledger);
}

function acts(ledger: Ledger, side: "customer" | "supplier", action: PersonAction) {
  return record(ledger.context, {
    kind: "person",
    source: { kind: "user", user: side },
    person: { id: side, name: side, side },
    actions: [action],
  });
}

const disputes = ({ context }: Ledger) =>
  context.db.selectFrom("disputes").selectAll().orderBy("number").execute();
const disputeOf = async (ledger: Ledger) => (await disputes(ledger))[0] ?? expect.fail();
const notices = ({ context }: Ledger) =>
  context.db.selectFrom("finance_notices").select(["action", "details"]).execute();

const told = (
  externalId: string,
  state: DisputeTold["state"],
  rest: Partial<DisputeTold> = {},
): Change => ({
  kind: "dispute",
  invoice: { number: "A" },
  ...{ externalId, state, occurredAt: "2026-11-20T10:00:00.000Z" },
  ...rest,
});

test("a system may use an id of its own again on another invoice", async () => {
  await using ledger = await openLedger();
  const numbers = ["A", "B"];
  for (const number of numbers) {
    await invoiced(ledger, number);
    const about = { invoice: { number } };
    const occurredAt = "2026-11-20T10:00:00.000Z";
    const said: Change[] = [
      told("1", "open", { ...about, amount: eur(20), message: "2 missing" }),
      { kind: "comment", ...about, externalId: "1", text: "By phone", occurredAt },
      { kind: "promise", ...about, externalId: "1", promisedOn: "2026-12-05", occurredAt },
    ];
    for (let times = 0; times < 2; times++) await ledger.says("erp", said);
  }
  const each = ["dispute.opened", "comment.added", "promise.made"];
  for (const number of numbers) {
    const types = (await ledger.events(number)).map(({ type }) => type);
    expect(types).toEqual(["invoice.issued", ...each]);
  }
  await ledger.says("erp", [told("1", "rejected", { message: "No" })]);
  expect((await disputes(ledger)).map(({ state }) => state)).toEqual(["rejected", "open"]);
});

test.each([
  ["some seconds slow", "2026-11-20T09:59:15.000Z"],
  ["an hour slow", "2026-11-20T09:00:00.000Z"],
])("an answer to what the portal opened counts, from a clock that is %s", async (_how, at) => {
  await using ledger = await openLedger();
  const { id } = await openedHere(ledger);
  await ledger.says("erp", [told(id, "resolved", { amount: eur(300), occurredAt: at })]);
  expect(await disputeOf(ledger)).toMatchObject({ state: "resolved", credited_amount: 300 });
});

test("a system's own words are in its own order, however slow its clock", async () => {
  await using ledger = await openLedger();
  const { id } = await openedHere(ledger);
  const minutes = (minute: number) => `2026-11-20T09:5${minute}:00.000Z`;
  await ledger.says("erp", [told(id, "under_review", { occurredAt: minutes(6) })]);
  const question = { message: "Which order?", occurredAt: minutes(8) };
  await ledger.says("erp", [told(id, "waiting_for_customer", question)]);
  await ledger.says("erp", [told(id, "under_review", { occurredAt: minutes(7) })]);
  expect((await disputeOf(ledger)).state).toBe("waiting_for_customer");
  expect(await notices(ledger)).toEqual([]);
});

test("an end that does not count is for finance to look at", async () => {
  await using ledger = await openLedger();
  const { id, number } = await openedHere(ledger);
  await acts(ledger, "supplier", { kind: "move_dispute", disputeId: id, state: "under_review" });
  const past = { occurredAt: "2026-11-20T09:00:00.000Z" };
  await ledger.says("erp", [told(id, "rejected", { message: "No", ...past })]);
  expect((await disputeOf(ledger)).state).toBe("under_review");
  const [old] = await notices(ledger);
  expect(old?.action).toBe("dispute_conflict");
  const details = { dispute: number, portal: "under_review", system: "rejected" };
  expect(JSON.parse(old?.details ?? "")).toEqual(details);
  await ledger.says("erp", [told("never-opened", "resolved")]);
  const [unknown] = await notices(ledger);
  expect(JSON.parse(unknown?.details ?? "")).toMatchObject({
    ...{ dispute: "never-opened", portal: "unknown", system: "resolved" },
  });
});

test("another amount is news while a dispute is open", async () => {
  await using ledger = await openLedger();
  const { id } = await openedHere(ledger);
  for (let times = 0; times < 2; times++) {
    await ledger.says("erp", [told(id, "open", { amount: eur(250) })]);
  }
  expect((await disputeOf(ledger)).amount).toBe(250);
  const types = (await ledger.events("A")).map(({ type }) => type);
  expect(types).toEqual(["invoice.issued", "dispute.opened", "dispute.updated"]);
});

test("a chargeback that is read again is told once, and each change of it", async () => {
  await using ledger = await openLedger();
  await invoiced(ledger);
  const read = (stage: "opened" | "closed", rest: object = {}): Change => ({
    kind: "chargeback",
    invoice: { number: "A" },
    chargebackId: "dp_1",
    ...{ stage, amount: eur(1000), occurredAt: "2026-11-20T10:00:00.000Z", ...rest },
  });
  for (let times = 0; times < 2; times++) await ledger.says("erp", [read("opened")]);
  for (let times = 0; times < 3; times++) {
    await ledger.says("erp", [read("closed", { outcome: "won" })]);
  }
  const types = (await ledger.events("A")).map(({ type }) => type);
  expect(types).toEqual(["invoice.issued", "chargeback.opened", "chargeback.closed"]);
});
