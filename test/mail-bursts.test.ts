import { expect, test } from "vitest";
import { invoiceTold, openOutbox, paymentTold } from "./support/outbox.ts";
import { startSmtp, type Taken } from "./support/smtp.ts";

const minute = 60_000;
const ines = "ines@customer.example";

const nineLines = Array.from({ length: 9 }, (_, index) => ({
  id: String(index + 1),
  description: "Steel",
  net: 100000,
}));

/** Several invoices whose customer is known before the first mail, as after an import. */
async function openPaced(smtpUrl: string, invoices = 1) {
  const outbox = await openOutbox({ smtpUrl, mailPauseMs: minute });
  const told = Array.from({ length: invoices }, (_, index) =>
    invoiceTold(1, { externalId: `x${index}`, number: `KA-${1000 + index}`, lines: nineLines }),
  );
  await outbox.says(told);
  return outbox;
}

const to = (mails: Taken[], address: string) =>
  mails.filter(({ envelope }) => envelope.to === address);

const occurrences = (mails: Taken[], words: string) =>
  mails.flatMap(({ text = "" }) => text.split("\n")).filter((line) => line.includes(words)).length;

async function colleague({ context: { writer } }: Awaited<ReturnType<typeof openPaced>>) {
  const user = writer.selectFrom("user").selectAll().where("id", "=", "ines");
  const row = await user.executeTakeFirstOrThrow();
  await writer
    .insertInto("user")
    .values({ ...row, id: "omar", name: "Omar", email: "omar@customer.example", locale: "de-DE" })
    .execute();
  const createdAt = row.createdAt;
  await writer
    .insertInto("member")
    .values({ id: "m2", organizationId: "cus", userId: "omar", role: "member", createdAt })
    .execute();
}

test("nine disputes on one invoice are two mails to each colleague", async () => {
  await using smtp = await startSmtp();
  await using outbox = await openPaced(smtp.url);
  await colleague(outbox);
  const invoiceId = (await outbox.invoiceId("KA-1000")) ?? "";
  for (let index = 1; index <= 9; index++) {
    const message = `Price ${index} is wrong`;
    const amount = 1000 + index;
    const dispute = { kind: "open_dispute", invoiceId, reason: "price_incorrect" } as const;
    const lines = [{ lineId: String(index), amount }];
    await outbox.acts("customer", { ...dispute, amount, message, lines });
  }
  expect(to(smtp.mails, ines)).toHaveLength(1);
  await outbox.later(minute + 1_000);
  await outbox.later(2 * minute);
  const hers = to(smtp.mails, ines);
  expect(hers.map(({ subject }) => subject)).toEqual(["Invoice KA-1000", "Re: Invoice KA-1000"]);
  for (let index = 1; index <= 9; index++) {
    expect(hers.filter(({ text }) => text?.includes(`Price ${index} is wrong`))).toHaveLength(1);
  }
  expect(hers[1]?.text?.match(/fingerprint ([0-9a-f]{8} ?){8}/g)).toHaveLength(8);
  expect(hers[1]?.header("list-unsubscribe")).toMatch(/^<https/);
  const his = to(smtp.mails, "omar@customer.example");
  expect(his).toHaveLength(2);
  expect(his[1]?.html).toContain("8 Neuigkeiten");
});

test("what was joined is sent once, with a receipt each that names the mail", async () => {
  await using smtp = await startSmtp();
  await using outbox = await openPaced(smtp.url);
  for (const id of ["p1", "p2", "p3"]) {
    await outbox.says([paymentTold(id, 100, { externalId: "x0" })]);
  }
  smtp.treat("busy");
  await outbox.later(minute + 1_000);
  expect(smtp.mails).toHaveLength(1);
  await outbox.says([paymentTold("p4", 100, { externalId: "x0" })]);
  await outbox.later(30_000);
  expect(smtp.mails).toHaveLength(2);
  await outbox.later(2 * minute);
  await outbox.later(2 * minute);
  expect(smtp.mails).toHaveLength(3);
  const rows = (await outbox.rows()).filter(({ target }) => target === ines);
  expect(rows.map(({ state }) => state)).toEqual(Array(4).fill("accepted"));
  const receipts = rows.map(({ receipt }) => JSON.parse(receipt ?? "{}"));
  const ids = smtp.mails.map(({ messageId }) => messageId);
  expect(new Set(ids).size).toBe(3);
  expect(receipts.map(({ messageId }) => messageId)).toEqual([ids[0], ids[1], ids[1], ids[2]]);
  const second = rows[1]?.id;
  expect(receipts.map(({ joinedTo }) => joinedTo)).toEqual([
    ...[undefined, undefined],
    ...[second, undefined],
  ]);
  const sent = (await outbox.events()).filter(({ type }) => type === "mail.sent");
  expect(sent).toHaveLength(4);
});

test("sixty invoices at once are one mail that names each, and the next minute's are another", async () => {
  await using smtp = await startSmtp();
  await using outbox = await openPaced(smtp.url, 60);
  await outbox.says([paymentTold("q", 100, { externalId: "x0" })]);
  for (let index = 1; index < 60; index++) {
    await outbox.says([paymentTold(`p${index}`, 100, { externalId: `x${index}` })]);
  }
  expect(smtp.mails).toHaveLength(1);
  await outbox.later(minute + 1_000);
  await outbox.later(2 * minute);
  expect(smtp.mails).toHaveLength(2);
  for (let index = 1; index < 60; index++) {
    expect(occurrences(smtp.mails, `Invoice KA-${1000 + index}: `)).toBe(1);
  }
  expect(smtp.mails[1]?.subject).toBe("59 updates about 59 invoices");
  expect(smtp.mails[1]?.text).toContain("https://portal.example/c/cus/invoices\n");
  expect(smtp.mails[1]?.header("references")).toBeUndefined();
});

test("a mail tells at most a hundred events, the rest goes out a minute later", async () => {
  await using smtp = await startSmtp();
  await using outbox = await openPaced(smtp.url, 130);
  const paid = Array.from({ length: 130 }, (_, index) =>
    paymentTold(`p${index}`, 100, { externalId: `x${index}` }),
  );
  await outbox.says(paid);
  await outbox.later(minute + 1_000);
  await outbox.later(minute + 1_000);
  await outbox.later(minute + 1_000);
  expect(smtp.mails.length).toBeLessThanOrEqual(3);
  for (let index = 0; index < 130; index++) {
    expect(smtp.mails.some(({ text }) => text?.includes(`KA-${1000 + index}`))).toBe(true);
  }
});

test("each line of a joined mail says what was due after its event, and an invoice's last one what is due now", async () => {
  await using smtp = await startSmtp();
  await using outbox = await openPaced(smtp.url, 2);
  await outbox.says([paymentTold("p0", 100, { externalId: "x1" })]);
  await outbox.says([paymentTold("p1", 275655, { externalId: "x0" })]);
  await outbox.says([paymentTold("p2", 500000, { externalId: "x0" })]);
  await outbox.says([
    invoiceTold(2, {
      ...{ externalId: "x0", number: "KA-1000", lines: nineLines },
      ...{ due: undefined, state: "written_off" },
    }),
  ]);
  await outbox.says([paymentTold("p3", 100, { externalId: "x1" })]);
  await outbox.later(minute + 1_000);
  await outbox.later(2 * minute);
  const text = smtp.mails[1]?.text?.replaceAll(/ +/g, " ") ?? "";
  for (const line of [
    "EUR 2,756.55 · Received, EUR 10,000.00 left to pay after it",
    "EUR 5,000.00 · Received, EUR 5,000.00 left to pay after it",
    "EUR 5,000.00 · Written off, no longer asked for",
    "Still due (Invoice KA-1000) EUR 0.00 as of ",
    "EUR 1.00 · Received, EUR 12,754.55 left to pay after it",
    "Still due (Invoice KA-1001) EUR 12,754.55 as of ",
  ]) {
    expect(text).toContain(line);
  }
  expect(text.match(/Still due/g)).toHaveLength(2);
});

test("a stopped kind is left out, and who was mailed a minute ago is mailed at once", async () => {
  await using smtp = await startSmtp();
  await using outbox = await openPaced(smtp.url);
  await outbox.says([paymentTold("p1", 100, { externalId: "x0" })]);
  await outbox.later(minute + 1_000);
  await outbox.says([paymentTold("p2", 100, { externalId: "x0" })]);
  expect(smtp.mails).toHaveLength(2);
  await outbox.says([paymentTold("p3", 100, { externalId: "x0" })]);
  await outbox.context.writer
    .insertInto("mail_stops")
    .values({ user_id: "ines", kind: "payments", stopped_at: "2026-11-20T10:00:00.000Z" })
    .execute();
  await outbox.later(minute + 1_000);
  expect(smtp.mails).toHaveLength(2);
});

test("mail that was sent by a clock ahead holds nothing up once the clock is right", async () => {
  await using smtp = await startSmtp();
  await using outbox = await openPaced(smtp.url);
  const says = (number: string) =>
    outbox.says([invoiceTold(1, { externalId: number, number, lines: nineLines })]);
  outbox.setTime("2026-11-21T10:00:00.000Z");
  await says("KA-2000");
  expect(to(smtp.mails, ines)).toHaveLength(1);
  outbox.setTime("2026-11-20T10:05:00.000Z");
  await says("KA-2001");
  expect(to(smtp.mails, ines)).toHaveLength(2);
  // From then on each mail waits for the one before as ever.
  await says("KA-2002");
  expect(to(smtp.mails, ines)).toHaveLength(2);
});
