import { expect, test } from "vitest";
import type { WriteBackRequest } from "#domain/write-back.ts";
import { invoiceId, keptInvoice, keptPayment } from "./fake-xero-invoices.ts";
import { type FakeXero, startFakeXero, tenants } from "./fake-xero.ts";
import { commentAdded, disputeOpened, promiseMade } from "./requests.ts";
import { xeroOrganisation } from "./xero-organisation.ts";

const now = new Date("2026-11-20T10:00:00.000Z");
const about = <T extends WriteBackRequest>(request: T): T => ({
  ...request,
  invoice: { ...request.invoice, externalId: invoiceId },
});
const longComment = about({
  ...commentAdded,
  comment: { id: "com_1", text: "Where is the delivery note for pallet seven? ".repeat(25) },
});

/** A Xero with one approved invoice. */
async function withInvoice(rest: object = {}, options: { longestNote?: number } = {}) {
  const fake = await startFakeXero({ now: () => now, ...options });
  fake.organisation(tenants.north).invoices.set(invoiceId, keptInvoice(rest));
  return fake;
}

const notesIn = (fake: FakeXero) =>
  (fake.organisation(tenants.north).history.get(invoiceId) ?? []).map(({ Details }) => Details);

test("a dispute is one note on one line, read back by the answer", async () => {
  await using fake = await withInvoice();
  const receipt = await xeroOrganisation(fake.url, fake).writeBack?.(about(disputeOpened));
  expect(receipt).toEqual({
    ...{ reference: null, readBack: true },
    answer: "a note in the history of 2026-11-20T10:00:00.000Z",
  });
  expect(notesIn(fake)).toEqual([
    "[D-INV-1001-01#17] dispute opened · By Ana Buyer <ana@acme.example>, 2026-11-20T09:59:00.000Z · Dispute D-INV-1001-01: open, quantity incorrect · Disputed: 120.00 EUR · Two pieces are missing · https://portal.example/invoices/inv_1",
  ]);
  expect(fake.asked.at(-1)?.headers["idempotency-key"]).toBe(disputeOpened.key);
  expect(fake.faults).toEqual([]);
});

test("a long text becomes several notes, each with the marker and its place", async () => {
  await using fake = await withInvoice();
  const bound = xeroOrganisation(fake.url, fake);
  expect(await bound.writeBack?.(longComment)).toMatchObject({
    readBack: true,
    answer: "3 notes in the history of 2026-11-20T10:00:00.000Z",
  });
  const notes = notesIn(fake);
  expect(notes.map((note) => note.slice(0, 24))).toEqual(
    [1, 2, 3].map((at) => `[D-INV-1001-01#17] (${at}/3)`),
  );
  expect(notes.every((note) => note.length <= 450)).toBe(true);
  const said = notes.map((note) => note.slice(25)).join(" ");
  expect(said).toContain(longComment.comment?.text.trim());
  expect(said.endsWith("https://portal.example/invoices/inv_1")).toBe(true);
  const keys = fake.asked.flatMap(({ headers }) => headers["idempotency-key"] ?? []);
  expect(keys).toEqual([1, 2, 3].map((at) => `${commentAdded.key}-${at}`));
});

test("where longer notes are allowed, one is enough", async () => {
  await using fake = await withInvoice({}, { longestNote: 2500 });
  const bound = xeroOrganisation(fake.url, fake, { settings: { noteLength: 2500 } });
  await bound.writeBack?.(longComment);
  expect([notesIn(fake).length, fake.faults]).toEqual([1, []]);
});

test("a word that is longer than a note is broken, never in half a character", async () => {
  await using fake = await withInvoice();
  const comment = { id: "com_1", text: "🧾".repeat(700) };
  await xeroOrganisation(fake.url, fake).writeBack?.(about({ ...commentAdded, comment }));
  expect(notesIn(fake).join("").isWellFormed()).toBe(true);
  expect(notesIn(fake).every((note) => note.isWellFormed() && note.length <= 450)).toBe(true);
});

test("after a lost answer the note is found by its words and not written again", async () => {
  await using fake = await withInvoice();
  const bound = xeroOrganisation(fake.url, fake);
  const request = about(disputeOpened);
  expect(await bound.findWriteBack?.(request)).toBeNull();
  fake.treat("lose");
  await expect(bound.writeBack?.(request)).rejects.toMatchObject({ outcome: "unknown" });
  expect(await bound.findWriteBack?.(request)).toEqual({
    ...{
      ...{ reference: null, readBack: true },
      answer: "found in the history of 2026-11-20T10:00:00.000Z",
    },
  });
  expect(notesIn(fake)).toHaveLength(1);
});

test("of several notes only those are written that an earlier try did not leave", async () => {
  await using fake = await withInvoice();
  const bound = xeroOrganisation(fake.url, fake);
  // The history is read, the first note written, the second refused for now.
  fake.treat("none", "none", "busy");
  await expect(bound.writeBack?.(longComment)).rejects.toMatchObject({ status: 503 });
  expect(notesIn(fake)).toHaveLength(1);
  expect(await bound.findWriteBack?.(longComment)).toBeNull();
  expect(await bound.writeBack?.(longComment)).toMatchObject({ readBack: true });
  expect(notesIn(fake).map((note) => note.slice(19, 24))).toEqual(["(1/3)", "(2/3)", "(3/3)"]);
});

test("a promise sets the expected payment date, and a note says how much was promised", async () => {
  await using fake = await withInvoice();
  const bound = xeroOrganisation(fake.url, fake);
  const request = about(promiseMade);
  expect(await bound.findWriteBack?.(request)).toBeNull();
  const receipt = await bound.writeBack?.(request);
  const note = "a note in the history of 2026-11-20T10:00:00.000Z";
  const answer = `expected payment date 2026-12-05, and ${note}`;
  expect(receipt).toEqual({ reference: null, readBack: true, answer });
  expect(fake.organisation(tenants.north).invoices.get(invoiceId)).toMatchObject({
    ExpectedPaymentDate: `/Date(${Date.parse("2026-12-05")}+0000)/`,
  });
  expect(notesIn(fake)[0]).toContain("Payment of 5000 JPY promised for 2026-12-05");
  expect(await bound.findWriteBack?.(request)).toMatchObject({
    answer: "expected payment date 2026-12-05, and a note found in the history of 2026-11-20T10:00:00.000Z",
  });
  expect([notesIn(fake).length, fake.faults]).toEqual([1, []]);
});

test("after a lost answer to the date of a promise both are there once", async () => {
  await using fake = await withInvoice();
  const bound = xeroOrganisation(fake.url, fake);
  const request = about(promiseMade);
  fake.treat("lose");
  await expect(bound.writeBack?.(request)).rejects.toMatchObject({ outcome: "unknown" });
  expect(await bound.findWriteBack?.(request)).toBeNull();
  expect(await bound.writeBack?.(request)).toMatchObject({ readBack: true });
  expect([notesIn(fake).length, fake.faults]).toEqual([1, []]);
});

test("a promise that is taken back is a note, and the receipt says that the date stayed", async () => {
  await using fake = await withInvoice();
  const { promise, ...rest } = about(promiseMade);
  if (!promise) throw new Error("There is no promise");
  const request = { ...rest, event: "promise.withdrawn" as const, withdrawnPromise: promise };
  const receipt = await xeroOrganisation(fake.url, fake).writeBack?.(request);
  expect(receipt?.answer).toContain("; the expected payment date was not changed");
  expect(notesIn(fake)[0]).toContain("promised for 2026-12-05: taken back");
});

test("a promise that Xero refuses as a date becomes a note, which is found again", async () => {
  const Payments = [keptPayment("p-1", 1000)];
  await using fake = await withInvoice({ AmountPaid: 1000, AmountDue: 1380, Payments });
  const bound = xeroOrganisation(fake.url, fake);
  const request = about(promiseMade);
  expect(await bound.writeBack?.(request)).toEqual({
    ...{ reference: null, readBack: true },
    answer: "a note instead, since Acme answered 400: Invoice not of valid status for modification",
  });
  expect(notesIn(fake)[0]).toContain("Payment of 5000 JPY promised for 2026-12-05");
  expect(await bound.findWriteBack?.(request)).toMatchObject({
    answer: "a note instead, found in the history of 2026-11-20T10:00:00.000Z",
  });
});

test("what Xero finds wrong is said in its words and not tried again", async () => {
  await using fake = await withInvoice({}, { longestNote: 100 });
  const sent = xeroOrganisation(fake.url, fake).writeBack?.(about(disputeOpened));
  await expect(sent).rejects.toMatchObject({
    ...{ status: 400, retryAt: null, outcome: "refused" },
    message: "Acme answered 400: Details exceeds the maximum length",
  });
});

test("an expired token does not become a second note", async () => {
  await using fake = await withInvoice();
  fake.treat("expire");
  await xeroOrganisation(fake.url, fake).writeBack?.(about(commentAdded));
  expect(notesIn(fake)).toHaveLength(1);
});

test("an invoice that Xero does not know by id cannot be told anything", async () => {
  await using fake = await withInvoice();
  const bound = xeroOrganisation(fake.url, fake);
  const invoice = { ...commentAdded.invoice, externalId: null };
  const sent = bound.writeBack?.({ ...commentAdded, invoice });
  await expect(sent).rejects.toMatchObject({ outcome: "not_sent", retryAt: null });
  expect(bound.canWriteBack("invoice.issued")).toBe(false);
  expect(fake.calls()).toEqual([]);
});
