import { sql } from "kysely";
import { expect, test } from "vitest";
import { writeSupplier } from "#db/queries/settings.ts";
import { auditIn } from "#server/ledger/audit.ts";
import { enqueueMail } from "#server/ledger/enqueue.ts";
import { checkpointTemplate } from "#server/mail/checkpoint.ts";
import { queueInvitation, queueSignIn } from "#server/mail/sign-in.ts";
import { makeCheckpoint } from "#server/proofs/make-checkpoint.ts";
import { retryRow } from "#server/outbox/retry-outbox.ts";
import { AccountTemplate, EventTemplate } from "#domain/mail.ts";
import { toInstant } from "#domain/time.ts";
import { startErp } from "./support/erp.ts";
import { invoiceTold, openOutbox, paymentTold } from "./support/outbox.ts";
import { startSmtp } from "./support/smtp.ts";

const script = '<script>alert("1")</script> {{number}} $t(direction)';

const auditor = "audit@firm.example";

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
  await changes(world);
  await says([invoiceTold(2, { ...number("3"), dueOn: "2026-11-10", overdue: true })]);
  await disputes(world, (await invoiceId("KA-1")) ?? "");
  const promised = (await invoiceId("KA-3")) ?? "";
  await acts("customer", { kind: "promise", invoiceId: promised, promisedOn: "2026-11-27" });
  await acts("customer", { kind: "withdraw_promise", invoiceId: promised });
  await silence(world);
}

async function changes({ says }: World): Promise<void> {
  const told = { number: "KA-4", externalId: "4" };
  await says([invoiceTold(1, told)]);
  await says([invoiceTold(2, { ...told, dueOn: "2026-12-24" })]);
  await says([paymentTold("p4", 500, { externalId: "4" })]);
  await says([paymentTold("r4", 200, { externalId: "4", stage: "refunded" })]);
  await says([invoiceTold(3, { ...told, state: "written_off" })]);
  await says([invoiceTold(4, { ...told, state: "issued" })]);
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

/** Mails that no event causes. */
async function withoutEvent({ context, dispatch }: World, locale: string): Promise<void> {
  const person = { to: "ines@customer.example", name: "Ines", locale, timeZone: null };
  await queueSignIn(context, { ...person, page: "/", atOnce: true });
  await queueInvitation(context, {
    ...{ ...person, url: "https://portal.example/invitation/i1" },
    ...{ until: "2026-12-04T10:00:00.000Z", customer: "Meridian", inviter: "Jeroen" },
  });
  await writeSupplier(context.writer, { name: "Kestrel", auditors: auditor });
  const source = { kind: "operator", name: "test" } as const;
  await makeCheckpoint({ ...context, wakeOutbox: dispatch.wake }, source);
  await dispatch.idle();
}

const everyTemplate = [...EventTemplate.options, ...AccountTemplate.options, checkpointTemplate];

test.for(["en-GB", "de-DE"])(
  "every kind of mail is written in %s and taken by the relay, without stored script",
  async (locale) => {
    await using smtp = await startSmtp();
    await using erp = await startErp();
    const connection = erp.connection({ looks: true });
    await using world = await openOutbox({ smtpUrl: smtp.url, connection });
    await world.context.writer.updateTable("user").set({ locale }).execute();
    erp.treat("refuse");
    await everyMail(world);
    await withoutEvent(world, locale);
    // A balance that fell without a word waits two minutes for its reason.
    await world.later(2 * 60_000);
    smtp.treat("no-recipient");
    await world.says([paymentTold("p3", 100, { externalId: "1" })]);
    const rows = (await world.rows()).filter(({ kind }) => kind === "mail");
    expect(new Set(rows.map(({ what }) => what))).toEqual(new Set(everyTemplate));
    const others = rows.filter(({ state }) => state !== "accepted");
    expect(others.map(({ what, state }) => [what, state])).toEqual([
      ["payment_received", "refused"],
    ]);
    expect(smtp.mails).toHaveLength(rows.length - 1);
    for (const { text = "", html = "", subject = "", envelope } of smtp.mails) {
      // What a person wrote is neither markup nor a placeholder to be filled.
      const ours = html.replaceAll("{{number}} $t(direction)", "");
      expect(ours).not.toMatch(/<script|<img|\{\{|undefined|null/i);
      expect(text.replaceAll(/\{\{number\}\}\s(> )?\$t/g, "")).not.toMatch(/\{\{|undefined|null/);
      const language = envelope.to === auditor ? "en" : locale.slice(0, 2);
      expect(html).toContain(`lang="${language}"`);
      expect(subject).not.toMatch(/[\r\n]/);
    }
  },
);

test("a mail that the portal cannot write waits for a person, holds up no other, and finance is told", async () => {
  await using smtp = await startSmtp();
  await using world = await openOutbox({ smtpUrl: smtp.url, mailPauseMs: 60_000 });
  await world.says([invoiceTold(1)]);
  await world.says([paymentTold("p1", 100)]);
  const invoiceId = (await world.invoiceId("KA-104731")) ?? "";
  const message = "Too dear";
  await world.acts("customer", {
    ...{ kind: "open_dispute", invoiceId, reason: "price_incorrect", amount: 300 },
    ...{ lines: [], message },
  });
  await world.says([paymentTold("p2", 200)]);
  const { writer } = world.context;
  await sql`update disputes set reason = 'a word of a later release'`.execute(writer);
  await world.later(61_000);
  const written = smtp.mails.filter(({ envelope }) => envelope.to === "ines@customer.example");
  expect(written).toHaveLength(2);
  expect(written[1]?.text).toContain("EUR 2.00");
  const row = (await world.rows()).find(({ what }) => what === "dispute_opened");
  expect(row).toMatchObject({ state: "queued", done_at: null, attempts: 1 });
  expect(row?.parked_at).not.toBeNull();
  const told = smtp.mails.find(({ subject }) => subject?.includes("Mail to ines@customer.example"));
  expect(told?.envelope.to).toBe("jeroen@supplier.example");
  expect(told?.text).toContain("The portal could not write this mail; its log says why");
  await writer.updateTable("disputes").set({ reason: "price_incorrect" }).execute();
  await retryRow(world.portal, { kind: "user", user: "jeroen" }, row?.id ?? "");
  await world.later(61_000);
  expect(smtp.mails.at(-1)?.text).toContain("Too dear");
});

test("what was written is shortened in a joined mail at a word, with its link, and the receipt says so", async () => {
  await using smtp = await startSmtp();
  await using world = await openOutbox({ smtpUrl: smtp.url, mailPauseMs: 60_000 });
  await world.says([invoiceTold(1)]);
  await world.says([paymentTold("p1", 100)]);
  const invoiceId = (await world.invoiceId("KA-104731")) ?? "";
  const text = "Please send the delivery note of pallet seven again. ".repeat(20);
  await world.acts("supplier", { kind: "comment", invoiceId, text });
  await world.says([paymentTold("p2", 200)]);
  await world.later(61_000);
  const joined = smtp.mails.at(-1)?.text ?? "";
  const [, shown = ""] = /(Jeroen: [^…]*)…/.exec(joined.replaceAll(/\s+/g, " ")) ?? [];
  expect(text).toContain(`${shown.slice("Jeroen: ".length)} `);
  expect(shown.length).toBeGreaterThan(250);
  expect(joined).toContain(`/invoices/${invoiceId}`);
  const rows = (await world.rows()).filter(({ what }) => what === "comment_added");
  expect(rows[0]?.last_answer).toMatch(/ts words shortened.*: 250 /);
});
