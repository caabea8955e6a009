import { expect, test } from "vitest";
import { composeEventMail } from "#server/mail/compose.ts";
import { queueInvitation, queueSignIn } from "#server/mail/sign-in.ts";
import { EventTemplate } from "#domain/mail.ts";
import { writeHtml } from "#server/mail/write-html.ts";
import { writeText } from "#server/mail/write-text.ts";
import { toInstant } from "#domain/time.ts";
import { auditIn } from "#server/ledger/audit.ts";
import { enqueueMail } from "#server/ledger/enqueue.ts";
import { MailPayload } from "#server/ledger/outbox-row.ts";
import { startErp } from "./support/erp.ts";
import { invoiceTold, openOutbox, paymentTold } from "./support/outbox.ts";
import type { MailTreatment } from "./support/scripted-relay.ts";
import { startSmtp } from "./support/smtp.ts";

const script = '<script>alert("1")</script> {{number}} $t(direction)';

type World = Awaited<ReturnType<typeof openOutbox>>;

/** Everything that causes mail happens once, on three invoices. */
async function everyMail(world: World): Promise<void> {
  const { says, acts, invoiceId } = world;
  const number = (text: string) => ({ number: `KA-${text}`, externalId: text });
  const told = (id: string) => invoiceTold(1, number(id));
  await says([told("0")]);
  for (const id of ["1", "2", "3"]) await says([told(id)]);
  await says([paymentTold("p1", 100, { externalId: "1" })]);
  await says([paymentTold("p2", 100, { externalId: "1", stage: "failed" })]);
  const amount = { amount: 500, currency: "EUR" };
  const invoice = { externalId: "1" };
  const occurredAt = "2026-11-20T09:30:00.000Z";
  const type = "credit_note";
  await says([
    { kind: "credit", invoice, creditId: "c1", type, amount, reason: script, occurredAt },
  ]);
  await says([invoiceTold(2, { ...number("0"), due: { amount: 1275600, currency: "EUR" } })]);
  await says([invoiceTold(2, { ...number("2"), state: "void" })]);
  await says([invoiceTold(2, { ...number("3"), dueOn: "2026-11-10", overdue: true })]);
  await disputes(world, (await invoiceId("KA-1")) ?? "");
  const promised = (await invoiceId("KA-3")) ?? "";
  await acts("customer", { kind: "promise", invoiceId: promised, promisedOn: "2026-11-27" });
  await acts("customer", { kind: "withdraw_promise", invoiceId: promised });
  await silence(world);
}

async function silence({ context, dispatch }: World): Promise<void> {
  const now = toInstant(context.clock());
  await context.writer.transaction().execute(async (trx) => {
    const [event] = await auditIn(trx, context, {
      source: { kind: "scheduler", job: "silence" },
      action: "connection_silent",
      subject: "erp",
      details: { name: "Kestrel ERP", since: now },
    });
    if (event) await enqueueMail(trx, { event, template: "finance_connection_silent" }, now);
    const [lost] = await auditIn(trx, context, {
      source: { kind: "portal" },
      action: "connection_lost",
      subject: "xero",
      details: { name: "Kestrel Ltd", fault: `invalid_grant, ${script}` },
    });
    const [differed] = await auditIn(trx, context, {
      source: { kind: "scheduler", job: "reconcile" },
      action: "reconciliation_differed",
      subject: "erp",
      details: { name: "Kestrel ERP", run: "run_1", differed: 2 },
    });
    if (differed) {
      await enqueueMail(trx, { event: differed, template: "finance_reconciliation" }, now);
    }
    if (lost) await enqueueMail(trx, { event: lost, template: "finance_connection_lost" }, now);
  });
  await dispatch.idle();
}

async function disputes(world: World, invoiceId: string) {
  const { acts, context } = world;
  const open = async (lineId: string) => {
    const lines = [{ lineId, amount: 300 }];
    const reason = "price_incorrect";
    const message = script;
    await acts("customer", {
      kind: "open_dispute",
      invoiceId,
      reason,
      amount: 300,
      lines,
      message,
    });
    const disputes = context.db.selectFrom("disputes").select("id").orderBy("sequence", "desc");
    return (await disputes.executeTakeFirstOrThrow()).id;
  };
  const kind = "move_dispute";
  const first = await open("1");
  await acts("supplier", { kind, disputeId: first, state: "under_review" });
  await acts("supplier", {
    kind,
    disputeId: first,
    state: "waiting_for_customer",
    message: script,
  });
  await acts("supplier", { kind, disputeId: first, state: "resolved", creditedAmount: 200 });
  const second = await open("2");
  await acts("supplier", {
    kind,
    disputeId: second,
    state: "rejected",
    message: "The price holds",
  });
  const third = await open("3");
  await acts("customer", { kind, disputeId: third, state: "withdrawn" });
  await acts("supplier", { kind: "comment", invoiceId, text: script });
  await acts("customer", { kind: "comment", invoiceId, text: "Thanks" });
}

test.for(["en-GB", "de-DE"])(
  "every template is written in %s, without stored script",
  async (locale) => {
    await using smtp = await startSmtp();
    await using erp = await startErp();
    const connection = erp.connection({ looks: true });
    await using world = await openOutbox({ smtpUrl: smtp.url, connection });
    await world.context.writer.updateTable("user").set({ locale }).execute();
    erp.treat("refuse");
    await everyMail(world);
    smtp.treat("no-recipient");
    await world.says([paymentTold("p3", 100, { externalId: "1" })]);
    const rows = (await world.rows()).filter(({ kind }) => kind === "mail");
    expect(new Set(rows.map(({ what }) => what))).toEqual(new Set(EventTemplate.options));
    const skipped = rows.filter(({ state }) => state === "skipped").map(({ what }) => what);
    expect(skipped).toEqual([]);
    expect(smtp.mails.length).toBeGreaterThan(10);
    for (const { text = "", html = "", subject = "" } of smtp.mails) {
      // What a person wrote is neither markup nor a placeholder to be filled.
      const ours = html.replaceAll("{{number}} $t(direction)", "");
      expect(ours).not.toMatch(/<script|<img|\{\{|undefined|null/i);
      expect(text.replaceAll(/\{\{number\}\}\s(> )?\$t/g, "")).not.toMatch(/\{\{|undefined|null/);
      expect(html).toContain(`lang="${locale.slice(0, 2)}"`);
      expect(subject).not.toMatch(/[\r\n]/);
    }
  },
);

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
  ...{ page: "/", browser: "a_browser", atOnce: true },
};

test("a sign-in link is made for its mail, gone from the outbox once sent, and given up in the end", async () => {
  await using smtp = await startSmtp();
  await using world = await openOutbox({ smtpUrl: smtp.url });
  smtp.treat("busy");
  await queueSignIn(world.context, ask);
  const [queued] = await world.rows();
  expect(queued?.payload).not.toContain("a_browser");
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
    browser: "a_browser",
    peer: "127.0.0.1",
  });
  expect(user.id).toBe("ines");
});

test("mails beyond those for at once go one a minute, to the browser that asked last", async () => {
  await using smtp = await startSmtp();
  await using world = await openOutbox({ smtpUrl: smtp.url });
  for (const browser of ["one", "two", "three"]) {
    await queueSignIn(world.context, { ...ask, browser, atOnce: false });
  }
  await world.dispatch.idle();
  expect(smtp.mails).toHaveLength(0);
  await world.later(60_000);
  expect(smtp.mails).toHaveLength(1);
  const [, address = ""] = /^(http\S+)$/m.exec(smtp.mails[0]?.text ?? "") ?? [];
  const link = new URL(address).searchParams;
  const given = { token: link.get("token") ?? "", seal: link.get("seal") ?? "", peer: "1.1.1.1" };
  await expect(world.auth.confirm({ ...given, browser: "one" })).rejects.toMatchObject({
    status: 403,
  });
  await expect(world.auth.confirm({ ...given, browser: "three" })).resolves.toBeTruthy();
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
