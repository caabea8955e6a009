import { expect, test } from "vitest";
import { blocksOf } from "#db/queries/outbox-blocks.ts";
import { retryRow } from "#server/outbox/retry-outbox.ts";
import { skipRow } from "#server/outbox/skip-outbox.ts";
import { writeBackKey } from "#server/ledger/outbox-row.ts";
import { startErp, type Treatment } from "./support/erp.ts";
import { invoiceTold, openOutbox } from "./support/outbox.ts";

const finance = { kind: "user", user: "jeroen" } as const;

async function openWithErp(erp: Awaited<ReturnType<typeof startErp>>, looks = true) {
  const connection = erp.connection({ looks });
  const outbox = await openOutbox({ connection });
  await outbox.says([invoiceTold(1)]);
  const invoiceId = (await outbox.invoiceId("KA-104731")) ?? "";
  return {
    outbox,
    connection,
    comment: (text: string) => outbox.acts("customer", { kind: "comment", invoiceId, text }),
    async writeBacks() {
      return (await outbox.rows()).filter(({ kind }) => kind === "writeback");
    },
    async [Symbol.asyncDispose]() {
      await outbox[Symbol.asyncDispose]();
    },
  };
}

test("a busy system is told later, and its answer becomes the customer's receipt", async () => {
  await using erp = await startErp();
  await using world = await openWithErp(erp);
  erp.treat("busy");
  await world.comment("Where is the delivery note?");
  expect(erp.notes).toHaveLength(0);
  await world.outbox.later(30_000);
  expect(erp.notes).toHaveLength(1);
  const [row] = await world.writeBacks();
  expect(row?.state).toBe("accepted");
  expect(JSON.parse(row?.receipt ?? "{}")).toMatchObject({ reference: "NOTE-1" });
  const confirmed = (await world.outbox.events()).find(
    ({ type }) => type === "writeback.confirmed",
  );
  expect(confirmed).toMatchObject({ audience: "customer", data: { reference: "NOTE-1" } });
});

test.for([true, false])(
  "an answer lost after the effect does not write twice (the system can be asked: %s)",
  async (looks) => {
    await using erp = await startErp();
    await using world = await openWithErp(erp, looks);
    erp.treat("lose");
    await world.comment("Once, please");
    expect((await world.writeBacks())[0]?.state).toBe("sent");
    await world.outbox.later(30_000);
    expect(erp.notes).toHaveLength(1);
    expect((await world.writeBacks())[0]?.state).toBe(looks ? "read_back" : "accepted");
    expect(erp.calls.filter((call) => call === "POST /notes")).toHaveLength(looks ? 1 : 2);
  },
);

test("what a system refuses blocks what follows, until finance skips it", async () => {
  await using erp = await startErp();
  await using world = await openWithErp(erp);
  erp.treat("refuse");
  await world.comment("first");
  await world.comment("second");
  expect(erp.notes).toHaveLength(0);
  const [first, second] = await world.writeBacks();
  expect(first).toMatchObject({ state: "refused", last_answer: expect.stringContaining("closed") });
  expect(second).toMatchObject({ state: "queued", attempts: 0 });
  const blocks = await blocksOf(world.outbox.context.db, await world.writeBacks());
  expect(blocks.get(first?.id ?? "")).toEqual({ blockedBy: null, behind: 1 });
  expect(blocks.get(second?.id ?? "")).toEqual({ blockedBy: first?.id, behind: 0 });
  const told = (await world.outbox.rows()).filter(
    ({ what }) => what === "finance_writeback_parked",
  );
  expect(told.map(({ target, state }) => [target, state])).toEqual([
    ["jeroen@supplier.example", "accepted"],
  ]);
  await skipRow(world.outbox.portal, finance, { id: first?.id ?? "", reason: "Told by phone" });
  await world.outbox.dispatch.idle();
  expect(erp.notes).toHaveLength(1);
  expect((await world.writeBacks()).map(({ state }) => state)).toEqual(["skipped", "accepted"]);
  expect((await world.writeBacks())[0]?.last_answer).toBe("Skipped: Told by phone");
});

test("finance can try again what was refused, and only that", async () => {
  await using erp = await startErp();
  await using world = await openWithErp(erp);
  erp.treat("refuse");
  await world.comment("first");
  const [row] = await world.writeBacks();
  await retryRow(world.outbox.portal, finance, row?.id ?? "");
  await world.outbox.dispatch.idle();
  expect(erp.notes).toHaveLength(1);
  const again = retryRow(world.outbox.portal, finance, row?.id ?? "");
  await expect(again).rejects.toMatchObject({ status: 409 });
  const audits = (await world.outbox.events()).filter(({ type }) => type === "audit.recorded");
  expect(audits.map(({ data }) => data)).toMatchObject([{ action: "outbox_retried" }]);
});

test("what waits for its next try is sent now when finance says so, and keeps its count", async () => {
  await using erp = await startErp();
  await using world = await openWithErp(erp);
  erp.treat("busy");
  await world.comment("first");
  const [row] = await world.writeBacks();
  expect(row).toMatchObject({ state: "queued", attempts: 1, parked_at: null });
  await retryRow(world.outbox.portal, finance, row?.id ?? "");
  await world.outbox.dispatch.idle();
  expect(erp.notes).toHaveLength(1);
  expect((await world.writeBacks())[0]).toMatchObject({ state: "accepted", attempts: 2 });
});

test("a version conflict is read again and told with the new version", async () => {
  await using erp = await startErp();
  await using world = await openWithErp(erp);
  erp.treat("conflict");
  await world.comment("first");
  expect(erp.notes).toMatchObject([{ version: 7 }]);
});

test("a paused connection is not told until it goes on", async () => {
  await using erp = await startErp();
  await using world = await openWithErp(erp);
  world.connection.pausedAt = "2026-11-20T10:00:00.000Z";
  await world.comment("later");
  expect(erp.notes).toHaveLength(0);
  world.connection.pausedAt = null;
  await world.outbox.dispatch.idle();
  expect(erp.notes).toHaveLength(1);
});

test("what keeps failing is parked after ten attempts", async () => {
  await using erp = await startErp();
  await using world = await openWithErp(erp);
  erp.treat(...Array<Treatment>(20).fill("busy"));
  await world.comment("hello?");
  for (let times = 0; times < 12; times++) await world.outbox.later(8 * 3_600_000);
  const [row] = await world.writeBacks();
  expect(row?.attempts).toBe(10);
  expect(row?.parked_at).not.toBeNull();
});

test("the key of a write-back is 26 characters and depends on every part", () => {
  const key = writeBackKey("erp", "abc", "comment.added");
  expect(key).toMatch(/^[A-Z2-7]{26}$/);
  expect(writeBackKey("erp", "abc", "comment.added")).toBe(key);
  expect(writeBackKey("erpa", "bc", "comment.added")).not.toBe(key);
  expect(writeBackKey("erp", "abc", "dispute.opened")).not.toBe(key);
});
