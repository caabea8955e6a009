import { expect, test } from "vitest";
import type { WriteBackRequest } from "#domain/write-back.ts";
import { UpstreamError } from "#server/errors.ts";
import { connectors } from "#server/connectors/index.ts";
import { moveRow } from "./odoo-records.ts";
import { startOdoo } from "./odoo-server.ts";
import { commentAdded, disputeOpened, promiseMade } from "./requests.ts";
import { testHttp } from "./stand-in.ts";

function bind(settings: object) {
  const connector = connectors.get("odoo");
  if (!connector) throw new Error("It is not in the list");
  const secrets = { webhookSecret: "test-secret-odoo", apiKey: "key-of-portal-bot" };
  return connector.bind(settings, secrets, testHttp());
}

const about = (request: WriteBackRequest, externalId: string | null = "341") => ({
  ...request,
  invoice: { ...request.invoice, externalId },
});
const opened = about(disputeOpened);

function moved(state: "resolved" | "withdrawn" | "waiting_for_customer"): WriteBackRequest {
  const { dispute } = opened;
  if (!dispute) throw new Error("It is about no dispute");
  const event =
    state === "waiting_for_customer" ? "dispute.waiting" : (`dispute.${state}` as const);
  const key = state.padEnd(26, "Z").slice(0, 26);
  return { ...opened, event, key, dispute: { ...dispute, state, message: "Credited <all>" } };
}

async function startDisputed(settings: object = { customFields: true }) {
  const odoo = await startOdoo();
  odoo.moves.push(moveRow({ id: 341, name: "INV-1001" }));
  return Object.assign(odoo, { connector: bind({ url: odoo.url, ...settings }) });
}

const rpc = { api: "json-rpc", database: "acme-prod", login: "portal-bot" };

test.each([
  ["JSON-2", {}],
  ["JSON-RPC", rpc],
])("by %s a dispute becomes fields, an activity and an internal note", async (_name, settings) => {
  await using odoo = await startDisputed({ ...settings, customFields: true, accountant: 12 });
  const receipt = await odoo.connector.writeBack?.(opened);
  const [note] = odoo.messages;
  expect(receipt).toEqual({
    reference: String(note?.id),
    readBack: true,
    answer: `Note ${note?.id} on invoice 341`,
  });
  expect(note).toMatchObject({ res_id: 341, subtype_xmlid: "mail.mt_note", body_is_html: true });
  expect(note?.body).toContain("[D-INV-1001-01#17] dispute opened<br/>");
  expect(note?.body).toContain("Ana Buyer &lt;ana@acme.example&gt;");
  expect(note?.body).toContain("Two pieces are missing");
  expect(note?.body).toContain(`portal-key:${opened.key}`);
  expect(odoo.activities).toEqual([
    expect.objectContaining({
      summary: "Portal dispute D-INV-1001-01",
      date_deadline: "2026-11-27",
      user_id: 12,
    }),
  ]);
  expect(odoo.moves[0]).toMatchObject({
    x_portal_dispute_state: "open",
    x_portal_dispute_ref: "D-INV-1001-01",
  });
});

test("fields that were not made are not written, and nobody is named for the activity", async () => {
  await using odoo = await startDisputed({});
  expect(await odoo.connector.writeBack?.(opened)).toMatchObject({ readBack: true });
  expect(odoo.calls).not.toContain("account.move/write");
  expect(odoo.activities[0]).not.toHaveProperty("user_id");
});

test("a resolution ticks the activity off; what comes between leaves it", async () => {
  await using odoo = await startDisputed();
  await odoo.connector.writeBack?.(opened);
  await odoo.connector.writeBack?.(moved("waiting_for_customer"));
  expect(odoo.activities).toHaveLength(1);
  expect(odoo.moves[0]?.x_portal_dispute_state).toBe("waiting_for_customer");
  await odoo.connector.writeBack?.(moved("resolved"));
  expect(odoo.activities).toEqual([]);
  expect(odoo.moves[0]?.x_portal_dispute_state).toBe("resolved");
  expect(odoo.messages.at(-1)?.body).toContain("Credited &lt;all&gt;");
  // Somebody may have ticked it off by hand.
  expect(await odoo.connector.writeBack?.(moved("withdrawn"))).toMatchObject({ readBack: true });
});

test("a promise is a date, an activity on that day and a note; a comment is a note alone", async () => {
  await using odoo = await startDisputed();
  await odoo.connector.writeBack?.(about(promiseMade));
  expect(odoo.moves[0]?.x_portal_promise_date).toBe("2026-12-05");
  expect(odoo.activities).toMatchObject([
    { summary: "Portal promise: 5000 JPY on 2026-12-05", date_deadline: "2026-12-05" },
  ]);
  const { promise, ...rest } = promiseMade;
  if (!promise) throw new Error("There is no promise");
  const withdrawn = { ...rest, event: "promise.withdrawn" as const, withdrawnPromise: promise };
  const taken = await odoo.connector.writeBack?.(about({ ...withdrawn, key: "W".repeat(26) }));
  expect([taken?.readBack, odoo.activities]).toEqual([true, []]);
  expect(odoo.moves[0]?.x_portal_promise_date).toBe(false);
  odoo.calls.length = 0;
  await odoo.connector.writeBack?.(about({ ...commentAdded, key: "C".repeat(26) }));
  expect(odoo.calls).toEqual([
    ...["mail.message/search_read", "account.move/message_post", "mail.message/search_read"],
  ]);
});

test("after a lost answer at any step each thing is there once", async () => {
  for (let lostAt = 0; lostAt < 7; lostAt += 1) {
    await using odoo = await startDisputed();
    odoo.treat(...Array<"do">(lostAt).fill("do"), "lose");
    const { connector } = odoo;
    const first = await outcomeOf(connector.writeBack?.(opened));
    expect(first, `${lostAt}`).toBe("unknown");
    const found = await connector.findWriteBack?.(opened);
    const receipt = found ?? (await connector.writeBack?.(opened));
    expect(receipt, `${lostAt}`).toMatchObject({ readBack: true });
    expect(odoo.messages).toHaveLength(1);
    expect(odoo.activities).toHaveLength(1);
    expect(odoo.moves[0]?.x_portal_dispute_state).toBe("open");
  }
});

test("a note that is there is not written again, and what was overwritten is not read back", async () => {
  await using odoo = await startDisputed();
  expect(await odoo.connector.findWriteBack?.(opened)).toBeNull();
  await odoo.connector.writeBack?.(opened);
  expect(await odoo.connector.findWriteBack?.(opened)).toMatchObject({ readBack: true });
  await odoo.connector.writeBack?.(opened);
  expect(odoo.messages).toHaveLength(1);
  Object.assign(odoo.moves[0] ?? {}, { x_portal_dispute_state: "resolved" });
  expect(await odoo.connector.findWriteBack?.(opened)).toMatchObject({ readBack: false });
});

test("payment is blocked while disputed where the supplier wants it, and only toggled when it helps", async () => {
  await using odoo = await startDisputed({ blocksPayment: true });
  const state = () => odoo.moves[0]?.payment_state;
  await odoo.connector.writeBack?.(opened);
  expect(state()).toBe("blocked");
  await odoo.connector.writeBack?.({ ...opened, key: "B".repeat(26) });
  expect(state()).toBe("blocked");
  await odoo.connector.writeBack?.(moved("resolved"));
  expect(state()).toBe("not_paid");
  Object.assign(odoo.moves[0] ?? {}, { payment_state: "in_payment" });
  const again = { ...opened, key: "P".repeat(26) };
  const left = "on invoice 341; payment is not blocked: in payment";
  const receipt = { readBack: false, answer: expect.stringContaining(left) };
  expect(await odoo.connector.writeBack?.(again)).toMatchObject(receipt);
  expect(await odoo.connector.findWriteBack?.(again)).toMatchObject(receipt);
  expect(state()).toBe("in_payment");
});

test("an invoice is found by its number, and one that Odoo does not know parks", async () => {
  await using odoo = await startDisputed();
  await odoo.connector.writeBack?.(about(disputeOpened, null));
  expect(odoo.messages).toMatchObject([{ res_id: 341 }]);
  const parked = { retryAt: null, outcome: "not_sent" };
  const unknown = { ...opened, invoice: { ...opened.invoice, number: "INV-9", externalId: null } };
  await expect(odoo.connector.writeBack?.(unknown)).rejects.toMatchObject(parked);
  await expect(odoo.connector.writeBack?.(about(disputeOpened, "in_1"))).rejects.toMatchObject(
    parked,
  );
});

test.each([
  ["JSON-2", {}],
  ["JSON-RPC", rpc],
])("what Odoo refuses by %s parks with its words, and nothing else was written", async (_, api) => {
  await using odoo = await startOdoo({ hasOwnFields: false });
  odoo.moves.push(moveRow({ id: 341 }));
  const { writeBack } = bind({ url: odoo.url, ...api, customFields: true });
  await expect(writeBack?.(opened)).rejects.toMatchObject({
    message: expect.stringContaining("You cannot change x_portal_dispute_state"),
    ...{ status: 422, outcome: "refused", retryAt: null },
  });
  expect(odoo.messages).toEqual([]);
  await expect(writeBack?.(about(commentAdded, "999"))).rejects.toMatchObject({
    ...{ status: 404, outcome: "refused", retryAt: null },
  });
});

test("it is told of disputes, comments and promises, where it can be asked at all", () => {
  const can = bind({ url: "http://127.0.0.1:1" });
  expect(can.canWriteBack("dispute.reopened")).toBe(true);
  expect(can.canWriteBack("comment.added")).toBe(true);
  expect(can.canWriteBack("promise.made")).toBe(true);
  expect(can.canWriteBack("invoice.issued")).toBe(false);
  const receivesOnly = bind({});
  expect(receivesOnly.canWriteBack("dispute.opened")).toBe(false);
  expect(receivesOnly.fetch).toBeUndefined();
  expect(receivesOnly.changedSince).toBeUndefined();
});

async function outcomeOf(work: Promise<unknown> | undefined): Promise<unknown> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof UpstreamError) return error.outcome;
    throw error;
  }
}
