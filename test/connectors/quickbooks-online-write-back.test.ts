import { expect, test } from "vitest";
import type { WriteBackRequest } from "#domain/write-back.ts";
import { UpstreamError } from "#server/errors.ts";
import { connectors } from "#server/connectors/index.ts";
import { type Intuit, startIntuit } from "#test/support/intuit.ts";
import { commentAdded, disputeOpened, promiseMade } from "./requests.ts";
import { startStandIn, testHttp } from "./stand-in.ts";

const realm = "9130357766900001";
const now = new Date("2026-11-20T10:00:00.000Z");

interface Tokens {
  token: () => Promise<string>;
  renew: (refused: string) => Promise<string>;
}

function companyAt(intuit: Intuit, settings: object = {}, tokens?: Tokens) {
  const connector = connectors.get("quickbooks-online");
  if (!connector) throw new Error("It is not in the list");
  const token = intuit.grants.tokenFor(realm);
  const same = { token: async () => token, renew: async () => token };
  const app = { clientId: "client-1", environment: "sandbox", apiUrl: intuit.url };
  const organisation = { account: realm, app, ...(tokens ?? same) };
  return connector.bind(settings, {}, testHttp({ now }), organisation);
}

async function open() {
  const intuit = await startIntuit({ clock: () => now });
  const books = intuit.company(realm);
  const id = books.issue(238000, { docNumber: "INV-1001" });
  const about = <T extends WriteBackRequest>(request: T) => ({
    ...request,
    invoice: { ...request.invoice, externalId: id },
  });
  const invoice = () => books.all.Invoice.get(id);
  const notes = () => [...books.all.Attachable.values()].map(({ Note }) => String(Note));
  const calls = () => intuit.asked.map(({ method, url }) => `${method} ${url.pathname.slice(11)}`);
  return {
    intuit,
    books,
    id,
    about,
    invoice,
    notes,
    calls,
    [Symbol.asyncDispose]: () => intuit[Symbol.asyncDispose](),
  };
}

async function failureOf(work: Promise<unknown> | undefined): Promise<UpstreamError> {
  const error = await work?.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof UpstreamError) return error;
  throw new Error("It did not fail");
}

test("a dispute is shown in the field Dispute and told by a note that does not go out with mail", async () => {
  await using at = await open();
  at.books.change("Invoice", at.id, {
    CustomField: [
      { DefinitionId: "1", Name: "Dispute", Type: "StringType", StringValue: null },
      { DefinitionId: "2", Name: "PO", Type: "StringType", StringValue: "PO-7" },
    ],
  });
  const receipt = await companyAt(at.intuit).writeBack?.(at.about(disputeOpened));
  expect(receipt).toEqual({ reference: "5001", readBack: true, answer: "Note 5001 was added" });
  expect(at.invoice()).toMatchObject({
    SyncToken: "2",
    CustomField: [
      { Name: "Dispute", StringValue: "OPEN D-INV-1001-01 120.00" },
      { Name: "PO", StringValue: "PO-7" },
    ],
  });
  expect(at.notes()).toHaveLength(1);
  expect(at.notes()[0]).toContain("[D-INV-1001-01#17] dispute opened\n");
  expect(at.notes()[0]).toContain("Two pieces are missing");
  const ids = at.intuit.asked.flatMap(({ url }) => url.searchParams.get("requestid") ?? []);
  expect(ids).toEqual([`${disputeOpened.key}-1`, `${disputeOpened.key}-note`]);
  expect(at.intuit.violations).toEqual([]);
});

test("each state has its word, and one that is too long for the field leaves out the amount", async () => {
  await using at = await open();
  const bound = companyAt(at.intuit);
  const { dispute } = disputeOpened;
  if (!dispute) throw new Error("There is no dispute");
  const shown = async (fields: object, key: string) => {
    const told = { ...disputeOpened, key: key.padEnd(26, "X"), dispute: { ...dispute, ...fields } };
    await bound.writeBack?.(at.about({ ...told, event: "dispute.updated" }));
    return at.invoice()?.CustomField;
  };
  const credited = { state: "resolved", creditedAmount: { amount: 4050, currency: "EUR" } };
  expect(await shown(credited, "A")).toMatchObject([{ StringValue: "RESOLVED D-INV-1001-01 40.50" }]);
  const long = { state: "waiting_for_customer", number: "D-INV-2026-000417-01" };
  expect(await shown(long, "B")).toMatchObject([{ StringValue: "WAITING D-INV-2026-000417-01" }]);
  expect(at.intuit.violations).toEqual([]);
});

test("without the field the private note has one neutral line of it, and keeps what people wrote", async () => {
  await using at = await open();
  at.books.change("Invoice", at.id, { CustomField: [], PrivateNote: "Net 30\r\nagreed" });
  const bound = companyAt(at.intuit);
  await bound.writeBack?.(at.about(disputeOpened));
  expect(at.invoice()?.PrivateNote).toBe("Net 30\nagreed\nD-INV-1001-01: open, 120.00 EUR");
  const { dispute } = disputeOpened;
  if (!dispute) throw new Error("There is no dispute");
  const withdrawn = { ...dispute, state: "withdrawn" as const };
  const key = "B".repeat(26);
  await bound.writeBack?.(
    at.about({ ...disputeOpened, event: "dispute.withdrawn", key, dispute: withdrawn }),
  );
  expect(at.invoice()?.PrivateNote).toBe("Net 30\nagreed\nD-INV-1001-01: withdrawn, 120.00 EUR");
  await companyAt(at.intuit).writeBack?.(at.about({ ...promiseMade, key: "C".repeat(26) }));
  expect(at.invoice()?.PrivateNote).toContain("\nPayment promised for 2026-12-05");
  expect(at.intuit.violations).toEqual([]);
});

test("with the private note switched off a note alone tells it", async () => {
  await using at = await open();
  at.books.change("Invoice", at.id, { CustomField: [] });
  const bound = companyAt(at.intuit, { usesPrivateNote: false });
  expect(await bound.writeBack?.(at.about(disputeOpened))).toEqual({
    ...{ reference: "5001", readBack: false },
    answer: "Note 5001 was added; the invoice itself was not changed: it has no text field Dispute",
  });
  expect(at.invoice()?.PrivateNote).toBeUndefined();
  expect(at.notes()).toHaveLength(1);
});

test("a promise is shown in the field of that name, a comment is a note alone", async () => {
  await using at = await open();
  const field = { DefinitionId: "3", Name: "Zahlung zugesagt", Type: "StringType" };
  at.books.change("Invoice", at.id, { CustomField: [field] });
  const bound = companyAt(at.intuit, { promiseField: "zahlung zugesagt" });
  await bound.writeBack?.(at.about({ ...promiseMade, key: "P".repeat(26) }));
  expect(at.invoice()?.CustomField).toMatchObject([{ StringValue: "PTP 2026-12-05" }]);
  const { promise, ...rest } = promiseMade;
  if (!promise) throw new Error("There is no promise");
  const withdrawn = { ...rest, event: "promise.withdrawn" as const, withdrawnPromise: promise };
  const own = { key: "W".repeat(26), marker: "[D-INV-1001-01#18]" };
  const receipt = await bound.writeBack?.(at.about({ ...withdrawn, ...own }));
  expect(receipt?.readBack).toBe(true);
  expect(at.invoice()?.CustomField).toMatchObject([{ StringValue: "PTP 2026-12-05 WITHDRAWN" }]);
  const before = at.invoice()?.SyncToken;
  await bound.writeBack?.(at.about({ ...commentAdded, key: "C".repeat(26) }));
  expect(at.invoice()?.SyncToken).toBe(before);
  expect(at.notes()).toHaveLength(3);
  expect(at.intuit.violations).toEqual([]);
});

test("where the private note is full nothing is cut off, and the receipt says that the state is not shown", async () => {
  await using at = await open();
  const full = "Agreed terms. ".repeat(285);
  at.books.change("Invoice", at.id, { CustomField: [], PrivateNote: full });
  const bound = companyAt(at.intuit);
  const request = at.about(disputeOpened);
  const left = "; the invoice itself was not changed: its private note is full";
  const written = { reference: "5001", readBack: false, answer: `Note 5001 was added${left}` };
  expect(await bound.writeBack?.(request)).toEqual(written);
  expect(await bound.findWriteBack?.(request)).toMatchObject({
    ...{ readBack: false, answer: `Note 5001 was found${left}` },
  });
  expect(at.invoice()?.PrivateNote).toBe(full);
});

test("a long text is shortened at a word, keeps its link, and the receipt says so", async () => {
  await using at = await open();
  const bound = companyAt(at.intuit);
  const { dispute } = disputeOpened;
  if (!dispute) throw new Error("There is no dispute");
  const message = "The agreed price per piece was lower than this. ".repeat(85);
  const receipt = await bound.writeBack?.(at.about({ ...disputeOpened, dispute: { ...dispute, message } }));
  const answer = "Note 5001 was added, shortened to 2000 characters";
  expect(receipt).toEqual({ reference: "5001", readBack: true, answer });
  const [note = ""] = at.notes();
  expect(note.length).toBeGreaterThan(1900);
  expect(note.length).toBeLessThanOrEqual(2000);
  const [, words = "", link] = /\n\n(The agreed[^…]*)…\n\n(.*)$/.exec(note) ?? [];
  expect(message.startsWith(`${words} `)).toBe(true);
  expect(link).toBe("Shortened, the whole text: https://portal.example/invoices/inv_1");
  expect(at.intuit.violations).toEqual([]);
});

test("a note that is there tells nothing of a state that closed books refused", async () => {
  await using at = await open();
  at.books.change("Invoice", at.id, { isClosed: true });
  at.intuit.treat("POST", "/attachable", "lose");
  const bound = companyAt(at.intuit);
  const request = at.about(disputeOpened);
  expect(await failureOf(bound.writeBack?.(request))).toMatchObject({ outcome: "unknown" });
  expect(await bound.findWriteBack?.(request)).toMatchObject({
    ...{ reference: "5001", readBack: false },
    answer: expect.stringContaining("the invoice itself was not changed"),
  });
});

test("who changed the invoice meanwhile loses nothing: it is read and changed again", async () => {
  await using at = await open();
  let others = 2;
  at.intuit.beforeEach(({ method, url }) => {
    if (method !== "POST" || !url.pathname.endsWith("/invoice") || others === 0) return;
    others -= 1;
    at.books.change("Invoice", at.id, { DueDate: `2026-12-1${others}` });
  });
  const receipt = await companyAt(at.intuit).writeBack?.(at.about(disputeOpened));
  expect(receipt?.readBack).toBe(true);
  expect(at.invoice()).toMatchObject({ SyncToken: "3", DueDate: "2026-12-10" });
  expect(at.invoice()?.CustomField).toMatchObject([{ StringValue: "OPEN D-INV-1001-01 120.00" }]);
  expect(at.notes()).toHaveLength(1);
  const ids = at.intuit.asked.flatMap(({ url }) => url.searchParams.get("requestid") ?? []);
  expect(new Set(ids).size).toBe(ids.length);
});

test("a conflict that does not end is tried later, with nothing written", async () => {
  await using at = await open();
  at.intuit.beforeEach(({ method, url }) => {
    if (method === "POST" && url.pathname.endsWith("/invoice"))
      at.books.change("Invoice", at.id, {});
  });
  const failure = await failureOf(companyAt(at.intuit).writeBack?.(at.about(disputeOpened)));
  expect(failure).toMatchObject({ status: 400, outcome: "refused", retryAt: undefined });
  expect(failure.message).toContain("somebody else changed the invoice at the same moment");
  expect(at.notes()).toEqual([]);
});

test("in closed books the note tells it, and the receipt says that the invoice was not changed", async () => {
  await using at = await open();
  at.books.change("Invoice", at.id, { isClosed: true });
  const receipt = await companyAt(at.intuit).writeBack?.(at.about(disputeOpened));
  expect(receipt).toMatchObject({ reference: "5001", readBack: false });
  expect(receipt?.answer).toContain("the invoice itself was not changed");
  expect(receipt?.answer).toContain("The account period has closed");
});

test("when the answer to the note was lost it is found by its marker", async () => {
  await using at = await open();
  at.intuit.treat("POST", "/attachable", "lose");
  const bound = companyAt(at.intuit);
  const request = at.about(disputeOpened);
  expect(await bound.findWriteBack?.(request)).toBeNull();
  expect(await failureOf(bound.writeBack?.(request))).toMatchObject({ outcome: "unknown" });
  expect(await bound.findWriteBack?.(request)).toEqual({
    ...{ reference: "5001", readBack: true, answer: "Note 5001 was found" },
  });
  // Even whoever does not look gets the first answer again.
  await bound.writeBack?.(request);
  expect(at.notes()).toHaveLength(1);
  expect(at.intuit.violations).toEqual([]);
});

test("when the answer to the state was lost it is not written twice, and the note follows", async () => {
  await using at = await open();
  at.intuit.treat("POST", "/invoice", "lose");
  const bound = companyAt(at.intuit);
  const request = at.about(disputeOpened);
  expect(await failureOf(bound.writeBack?.(request))).toMatchObject({ outcome: "unknown" });
  expect(await bound.findWriteBack?.(request)).toBeNull();
  await bound.writeBack?.(request);
  expect([at.invoice()?.SyncToken, at.notes().length]).toEqual(["1", 1]);
  expect(at.intuit.violations).toEqual([]);
});

test("a token that is refused is renewed once; when that does not help, it says what to do", async () => {
  await using at = await open();
  const refused: string[] = [];
  const fresh = at.intuit.grants.tokenFor(realm);
  const renewing = (renewed: string): Tokens => ({
    token: async () => "stale",
    async renew(token) {
      refused.push(token);
      return renewed;
    },
  });
  const good = companyAt(at.intuit, {}, renewing(fresh));
  expect(await good.test?.()).toBe("QuickBooks answers; the invoice that changed last is INV-1001");
  expect(refused).toEqual(["stale"]);
  const bad = companyAt(at.intuit, {}, renewing("stale, too"));
  const failure = await failureOf(bad.writeBack?.(at.about(disputeOpened)));
  expect(failure).toMatchObject({ status: 401, outcome: "refused", retryAt: undefined });
  expect(failure.message).toContain("connect the company again");
});

test("faults are said in plain words, with when another try makes sense", async () => {
  await using at = await open();
  const bound = companyAt(at.intuit);
  const read = () => failureOf(bound.fetch?.({ externalId: at.id }));
  at.intuit.treat("GET", "/invoice/", "throttle", "forbid", "fail", "unreadable");
  const throttled = await read();
  expect(throttled).toMatchObject({ status: 429, retryAt: "2026-11-20T10:01:00.000Z" });
  expect(throttled.message).toContain("it was asked too often");
  const forbidden = await read();
  expect(forbidden).toMatchObject({ status: 403, retryAt: undefined });
  expect(forbidden.message).toContain("access is refused");
  expect(await read()).toMatchObject({ status: 500, retryAt: undefined });
  expect(await read()).toMatchObject({ status: 200, outcome: "refused" });
});

test("the gateway's own way of writing a fault is understood as well", async () => {
  const error = { message: "AuthenticationFailed", detail: "Token revoked", code: "3200" };
  const body = { warnings: null, fault: { error: [error], type: "AUTHENTICATION" } };
  await using gateway = await startStandIn(() => ({ status: 401, body }));
  await using at = await open();
  const failure = await failureOf(companyAt({ ...at.intuit, url: gateway.url }).test?.());
  expect(failure.message).toContain("connect the company again");
  expect(failure.message).toContain("Token revoked");
});

test("nothing is sent about an invoice that QuickBooks does not have", async () => {
  await using at = await open();
  const request = { ...disputeOpened, invoice: { ...disputeOpened.invoice, externalId: null } };
  expect(await failureOf(companyAt(at.intuit).writeBack?.(request))).toMatchObject({
    ...{ outcome: "not_sent", retryAt: null },
  });
  const gone = { ...disputeOpened, invoice: { ...disputeOpened.invoice, externalId: "999" } };
  expect(await failureOf(companyAt(at.intuit).writeBack?.(gone))).toMatchObject({ retryAt: null });
  expect(at.notes()).toEqual([]);
});
