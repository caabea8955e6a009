import { expect, test } from "vitest";
import { composeEventMail } from "#server/mail/compose.ts";
import { askedMark } from "#server/access/asked.ts";
import { queueInvitation, queueSignIn } from "#server/mail/sign-in.ts";
import { writeHtml } from "#server/mail/write-html.ts";
import { writeText } from "#server/mail/write-text.ts";
import { MailPayload } from "#server/ledger/outbox-row.ts";
import { invoiceTold, openOutbox, paymentTold } from "./support/outbox.ts";
import type { MailTreatment } from "./support/scripted-relay.ts";
import { startSmtp } from "./support/smtp.ts";

test("what accounting said is signed with its name, and a booked credit is not still to come", async () => {
  await using smtp = await startSmtp();
  await using world = await openOutbox({ smtpUrl: smtp.url });
  const { says, acts, invoiceId, context } = world;
  await says([invoiceTold(1)]);
  const about = { invoiceId: (await invoiceId("KA-104731")) ?? "", lines: [], amount: null };
  const message = "Too dear";
  await acts("customer", { kind: "open_dispute", reason: "price_incorrect", message, ...about });
  const [{ number } = { number: "" }] = await context.db
    .selectFrom("disputes")
    .select("number")
    .execute();
  const amount = { amount: 400, currency: "EUR" };
  const common = { invoice: { externalId: "4711" }, occurredAt: "2026-11-20T10:00:00.000Z" };
  await says([
    { kind: "credit", creditId: "c1", type: "credit_note", amount, ...common },
    {
      kind: "dispute",
      externalId: number,
      state: "resolved",
      message: "You are right",
      creditedAmount: amount,
      ...common,
    },
  ]);
  const mail = smtp.mails.find(({ text = "" }) => text.includes("You are right"));
  expect(mail?.text).toContain("The ERP wrote:");
  expect(mail?.html).toContain("The ERP wrote:");
  expect(mail?.text).not.toContain("as soon as our accounts have booked it");
});

test("a subject stays one line, whatever an invoice number holds", async () => {
  await using smtp = await startSmtp();
  await using world = await openOutbox({ smtpUrl: smtp.url });
  await world.says([invoiceTold(1, { number: "KA-1\r\nBcc: all@example.com" })]);
  await world.says([paymentTold("p1", 100)]);
  expect(smtp.mails[0]?.subject).toBe("Invoice KA-1 Bcc: all@example.com");
  expect(smtp.mails[0]?.header("bcc")).toBeUndefined();
});

test("who no longer belongs to the customer gets nothing that was queued before", async () => {
  await using world = await openOutbox();
  await world.says([invoiceTold(1)]);
  await world.says([paymentTold("p1", 100)]);
  const [row] = (await world.rows()).filter(({ what }) => what === "payment_received");
  await world.context.writer.deleteFrom("member").execute();
  const mail = MailPayload.parse(JSON.parse(row?.payload ?? ""));
  expect(await composeEventMail(world.context, mail)).toHaveProperty("skip");
});

test("without a relay mail is caught, as it would have gone out", async () => {
  await using world = await openOutbox();
  await world.says([invoiceTold(1)]);
  await world.says([paymentTold("p1", 100)]);
  const caught = await world.context.db.selectFrom("caught_mails").selectAll().execute();
  expect(caught.map(({ recipient }) => recipient)).toContain("ines@customer.example");
  expect(Buffer.from(caught[0]?.raw ?? []).toString()).toContain("Auto-Submitted: auto-generated");
});

const ask = {
  ...{ to: "ines@customer.example", name: "Ines", locale: "en", timeZone: null },
  ...{ page: "/", atOnce: true },
};

/** What a browser keeps that asked for this address just now. */
function asked({ context }: Awaited<ReturnType<typeof openOutbox>>): string {
  const at = Math.floor(Date.now() / 1000);
  return askedMark(context.config.appSecrets, { email: ask.to, at });
}

test("a sign-in link is made for its mail, gone from the outbox once sent, and given up in the end", async () => {
  await using smtp = await startSmtp();
  await using world = await openOutbox({ smtpUrl: smtp.url });
  smtp.treat("busy");
  await queueSignIn(world.context, ask);
  await world.dispatch.idle();
  await world.later(30_000);
  expect(smtp.mails[0]?.text).toContain("https://portal.example/sign-in/confirm?token=");
  expect(smtp.mails[0]?.header("list-unsubscribe")).toBeUndefined();
  expect((await world.rows())[0]?.payload).toBe("{}");
  smtp.treat("busy");
  await queueSignIn(world.context, ask);
  await world.dispatch.idle();
  await world.later(1_801_000);
  expect(smtp.mails).toHaveLength(1);
  expect((await world.rows()).map(({ state }) => state).sort()).toEqual(["accepted", "skipped"]);
});

test("a link that greylisting held up for six minutes signs in", async () => {
  await using smtp = await startSmtp();
  await using world = await openOutbox({ smtpUrl: smtp.url });
  smtp.treat(...Array<MailTreatment>(6).fill("busy"));
  await queueSignIn(world.context, ask);
  await world.dispatch.idle();
  for (let minutes = 0; minutes < 7; minutes++) await world.later(73_000);
  expect(smtp.mails).toHaveLength(1);
  const [, address = ""] = /^(http\S+)$/m.exec(smtp.mails[0]?.text ?? "") ?? [];
  const link = new URL(address).searchParams;
  const { user } = await world.auth.confirm({
    token: link.get("token") ?? "",
    seal: link.get("seal") ?? "",
    asked: [asked(world)],
    peer: "127.0.0.1",
  });
  expect(user.id).toBe("ines");
});

test("mails beyond those for at once go one a minute, for every browser that asked", async () => {
  await using smtp = await startSmtp();
  await using world = await openOutbox({ smtpUrl: smtp.url });
  for (let times = 0; times < 3; times++) {
    await queueSignIn(world.context, { ...ask, atOnce: false });
  }
  await world.dispatch.idle();
  expect(smtp.mails).toHaveLength(0);
  await world.later(60_000);
  expect(smtp.mails).toHaveLength(1);
  const [, address = ""] = /^(http\S+)$/m.exec(smtp.mails[0]?.text ?? "") ?? [];
  const link = new URL(address).searchParams;
  const given = { token: link.get("token") ?? "", seal: link.get("seal") ?? "", peer: "1.1.1.1" };
  await expect(world.auth.confirm({ ...given, asked: [] })).rejects.toMatchObject({
    status: 403,
  });
  await expect(world.auth.confirm({ ...given, asked: [asked(world)] })).resolves.toBeTruthy();
});

test("an invitation says who invites to what, and until when", async () => {
  await using smtp = await startSmtp();
  await using world = await openOutbox({ smtpUrl: smtp.url });
  await queueInvitation(world.context, {
    ...{ to: "new@customer.example", name: "Noor", locale: "de", timeZone: "Europe/Berlin" },
    ...{ url: "https://portal.example/invitation/i1", until: "2026-12-04T10:00:00.000Z" },
    ...{ customer: "Meridian", inviter: "Jeroen" },
  });
  await world.dispatch.idle();
  const [{ text = "" } = {}] = smtp.mails;
  expect(text).toContain("Jeroen hat Sie eingeladen, die Rechnungen von Meridian zu sehen");
  expect(text).toContain("4. Dez. 2026, 11:00 MEZ");
});

test("HTML and text are written from the same letter", async () => {
  await using world = await openOutbox();
  await world.says([invoiceTold(1)]);
  await world.says([paymentTold("p1", 100)]);
  const [row] = (await world.rows()).filter(({ what }) => what === "payment_received");
  const mail = MailPayload.parse(JSON.parse(row?.payload ?? ""));
  const composed = await composeEventMail(world.context, mail);
  if (!("letter" in composed)) throw new Error(composed.skip);
  const text = writeText(composed.letter);
  const html = writeHtml(composed.letter);
  for (const { label, value } of composed.letter.content.facts) {
    expect(text).toContain(label);
    expect(text).toContain(value);
    expect(html).toContain(value);
  }
});
