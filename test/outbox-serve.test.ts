import { expect, test } from "vitest";
import { z } from "zod";
import { RequestError, UpstreamError } from "#server/errors.ts";
import { record } from "#server/ledger/record.ts";
import { listed } from "#server/connectors/bind.ts";
import { defineConnector } from "#server/connectors/contract.ts";
import { readJson } from "#server/connectors/kit/json.ts";
import { startTestPortal, type TestPortal } from "./support/start-portal.ts";
import { listForThisFile } from "#test/support/list-connector.ts";

const Asked = z.discriminatedUnion("ask", [
  z.object({ ask: z.literal("work") }),
  z.object({ ask: z.literal("done"), key: z.string(), note: z.string() }),
  z.object({ ask: z.literal("failed"), key: z.string(), words: z.string() }),
  z.object({ ask: z.literal("invoice"), id: z.string(), total: z.int() }),
]);

/** A program on somebody's desk: it has no address, so it calls and asks what there is to do. */
const deskLedger = defineConnector({
  name: "Desk Ledger",
  kind: "accounting",
  settings: z.object({}),
  secrets: z.object({ password: z.string() }),
  setUp: [],
  answersUnusable: false,
  accepted: { status: 200 },
  api: () => null,
  verify({ headers }, { password }) {
    if (headers.get("authorization") !== password) throw new RequestError(401, "Wrong password");
  },
  dedupeKey: () => null,
  parse({ body }) {
    const asked = readJson(Asked, body);
    if (asked.ask !== "invoice") return [];
    const { id, total } = asked;
    const amount = { amount: total, currency: "EUR" };
    const customer = { externalId: "c1", name: "Kestrel Ltd" };
    const told = { externalId: id, number: id, version: 1, customer, total: amount };
    return [{ kind: "invoice", invoice: { ...told, currency: "EUR", state: "issued" } }];
  },
  async serve({ body }, work) {
    const asked = readJson(Asked, body);
    const answer = (said: object) => ({ status: 200, body: JSON.stringify(said) });
    if (asked.ask === "done") {
      await work.settle(asked.key, { reference: asked.note, readBack: false, answer: "noted" });
    }
    if (asked.ask === "failed") await work.settle(asked.key, new UpstreamError(asked.words));
    const next = asked.ask === "work" ? await work.take() : undefined;
    const said = next && { key: next.request.key, event: next.request.event, again: next.isRepeat };
    return { answer: answer(said ?? {}), carriesChanges: asked.ask === "invoice" };
  },
});

listForThisFile("desk-ledger", listed(deskLedger));

const Said = z.object({
  key: z.string().optional(),
  event: z.string().optional(),
  again: z.boolean().optional(),
});

async function start(clock = () => new Date("2026-11-20T10:00:00.000Z")) {
  const desk = { id: "desk", system: "desk-ledger", secrets: { password: "open" } };
  const running = await startTestPortal({ connections: [desk], clock });
  await ask(running, { ask: "invoice", id: "INV-1", total: 12_000 });
  await running.settled();
  await running.addCustomer("Kestrel Ltd", "buyer@kestrel.example");
  return running;
}

async function ask({ url }: TestPortal, body: z.input<typeof Asked>, password = "open") {
  const sent = { method: "POST", body: JSON.stringify(body), headers: { authorization: password } };
  const answer = await fetch(`${url}/webhooks/desk`, sent);
  return answer.ok ? Said.parse(await answer.json()) : answer.status;
}

/** Two things to tell about one invoice: they have an order. */
async function comment({ portal, invoiceId }: TestPortal, ...texts: string[]) {
  const id = await invoiceId("INV-1");
  for (const text of texts) {
    await record(portal, {
      kind: "person",
      source: { kind: "user", user: "u1" },
      person: { id: "u1", name: "Ana", side: "customer" },
      actions: [{ kind: "comment", invoiceId: id, text }],
    });
  }
}

const rows = ({ portal }: TestPortal) =>
  portal.db
    .selectFrom("outbox")
    .select(["state", "attempts", "receipt"])
    .where("kind", "=", "writeback")
    .orderBy("sequence")
    .execute();

test("a system that asks is handed its write-backs in order, each once, and answers for them", async () => {
  await using running = await start();
  await comment(running, "first", "second");
  await running.settled();
  expect(await rows(running)).toMatchObject([{ attempts: 0 }, { attempts: 0 }]);
  const asked = await Promise.all(Array.from({ length: 5 }, () => ask(running, { ask: "work" })));
  const [first, ...more] = asked.flatMap((said) => (typeof said === "object" && said.key) || []);
  expect(more).toEqual([]);
  // The second one about the same invoice waits for the first.
  expect(await ask(running, { ask: "work" })).toEqual({});
  await ask(running, { ask: "done", key: first ?? "", note: "NOTE-1" });
  const second = await ask(running, { ask: "work" });
  expect(second).toMatchObject({ event: "comment.added", again: false });
  expect(await rows(running)).toMatchObject([
    { state: "accepted", attempts: 1, receipt: expect.stringContaining("NOTE-1") },
    { attempts: 1, receipt: null },
  ]);
  const confirmed = await running.events("INV-1", "writeback.confirmed");
  expect(confirmed.map(({ data }) => data)).toMatchObject([{ reference: "NOTE-1" }]);
});

test("what was never answered for is handed out again, said to be a repeat; a late answer counts", async () => {
  let now = new Date("2026-11-20T10:00:00.000Z");
  await using running = await start(() => now);
  await comment(running, "first");
  const first = await ask(running, { ask: "work" });
  now = new Date("2026-11-20T10:05:00.001Z");
  const again = await ask(running, { ask: "work" });
  expect(again).toEqual({ ...Object(first), again: true });
  const key = typeof first === "object" ? (first.key ?? "") : "";
  await ask(running, { ask: "done", key, note: "NOTE-1" });
  await ask(running, { ask: "done", key, note: "NOTE-2" });
  expect(await rows(running)).toMatchObject([{ state: "accepted", attempts: 2 }]);
  expect(await running.events("INV-1", "writeback.confirmed")).toHaveLength(1);
});

test("what failed comes again after a pause, and parks after ten times without an answer", async () => {
  let now = new Date("2026-11-20T10:00:00.000Z");
  await using running = await start(() => now);
  await comment(running, "first");
  const first = await ask(running, { ask: "work" });
  const key = typeof first === "object" ? (first.key ?? "") : "";
  await ask(running, { ask: "failed", key, words: "The file is locked" });
  expect(await ask(running, { ask: "work" })).toEqual({});
  for (let times = 0; times < 10; times++) {
    now = new Date(now.getTime() + 3_600_000);
    await ask(running, { ask: "work" });
  }
  const [row] = await running.portal.db.selectFrom("outbox").selectAll().execute();
  expect(row?.parked_at).not.toBeNull();
  expect(row?.last_answer).toBe("Desk Ledger took it 10 times and never answered for it");
});

test("nobody is handed anything without the password, and invoices told on the way are recorded", async () => {
  await using running = await start();
  await comment(running, "first");
  expect(await ask(running, { ask: "work" }, "guess")).toBe(401);
  await ask(running, { ask: "invoice", id: "INV-2", total: 500 });
  await running.settled();
  expect(await running.events("INV-2", "invoice.issued")).toHaveLength(1);
  expect(await ask(running, { ask: "work" })).toMatchObject({ event: "comment.added" });
});
