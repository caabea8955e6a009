import PostalMime from "postal-mime";
import { expect, test, vi } from "vitest";
import type { Change, PersonAction } from "#domain/change.ts";
import { EventTemplate } from "#domain/mail.ts";
import { record } from "#server/ledger/record.ts";
import { inviteUser } from "#server/people/invite-user.ts";
import { startTestPortal, type TestPortal } from "./support/start-portal.ts";

/** Every link of every mail is opened, on a machine that has other things to do. */
vi.setConfig({ testTimeout: 120_000 });

const email = "ines@meridian.example";
const staff = "marit@kestrel.example";
const operator = { kind: "operator", name: "test" } as const;
const eur = (amount: number) => ({ amount, currency: "EUR" });

/** What only a failure of a system or a run causes; their links lead to the console as the others do. */
const withoutExample = [
  "finance_writeback_parked",
  "finance_mail_failed",
  "finance_connection_silent",
  "finance_connection_lost",
  "finance_reconciliation",
];

/** Records a change or an action and waits until what it causes was mailed. */
function teller(portal: TestPortal) {
  const mailed = async () => {
    await portal.settled();
    // A balance that changed without a reason waits for it.
    const now = new Date().toISOString();
    const unexplained = portal.portal.writer.updateTable("outbox").set({ due_at: now });
    await unexplained.where("what", "=", "invoice_settled").where("state", "=", "queued").execute();
    portal.portal.wakeOutbox();
    const waiting = portal.portal.db
      .selectFrom("outbox")
      .where("kind", "=", "mail")
      .where("state", "=", "queued")
      .select("id");
    await expect.poll(() => waiting.execute(), { timeout: 20_000 }).toEqual([]);
  };
  return {
    mailed,
    async says(...changes: Change[]) {
      await record(portal.portal, {
        kind: "system",
        source: { kind: "connection", connection: "erp" },
        connection: { id: "erp", kind: "erp" },
        receivedAt: new Date().toISOString(),
        asked: false,
        quiet: false,
        changes,
      });
      await mailed();
    },
    async acts(side: "customer" | "supplier", action: PersonAction) {
      const person = { id: `usr_${side}`, name: side, side };
      const source = { kind: "user", user: person.id } as const;
      const { events } = await record(portal.portal, {
        kind: "person",
        source,
        person,
        actions: [action],
      });
      await mailed();
      return events;
    },
  };
}

let version = 0;
const invoice = (number: string, rest: object = {}): Change => ({
  kind: "invoice",
  invoice: {
    externalId: number,
    number,
    version: ++version,
    toldAt: new Date().toISOString(),
    customer: { externalId: "C-1", name: "Meridian" },
    currency: "EUR",
    total: eur(100_000),
    due: eur(100_000),
    state: "issued",
    issuedOn: "2026-11-01",
    dueOn: "2099-12-01",
    ...rest,
  },
});

/** Does everything that causes a mail about an invoice, one thing after the other. */
async function causeAll(portal: TestPortal) {
  const { says, acts, mailed } = teller(portal);
  const occurredAt = new Date().toISOString();
  const about = { invoice: { externalId: "KA-1" } };
  const paid = { kind: "payment", ...about, amount: eur(1_000), occurredAt } as const;
  await says(invoice("KA-1"));
  await says({ ...paid, paymentId: "P-1", stage: "received" });
  await says({ ...paid, paymentId: "P-2", stage: "failed" });
  const credit = { creditId: "CN-1", type: "credit_note", amount: eur(500), occurredAt } as const;
  await says({ kind: "credit", ...about, ...credit });
  await says(invoice("KA-2", { dueOn: "2026-11-02", overdue: true }));
  await says({ kind: "overdue", invoice: { externalId: "KA-2" }, occurredAt });
  await says(invoice("KA-3"));
  await says(invoice("KA-3", { state: "void" }));
  await says(invoice("KA-4"));
  await says(invoice("KA-4", { due: eur(60_000) }));
  await says(invoice("KA-5"));
  await says(invoice("KA-5", { total: eur(90_000), due: eur(90_000) }));
  await says({ ...paid, paymentId: "R-1", stage: "refunded" });
  await says(invoice("KA-6"));
  await says(invoice("KA-6", { state: "written_off" }));
  await says(invoice("KA-6", { state: "issued" }));
  const invoiceId = await portal.invoiceId("KA-1");
  await acts("customer", { kind: "comment", invoiceId, text: "A question" });
  await acts("supplier", { kind: "comment", invoiceId, text: "An answer" });
  const inAMonth = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
  await acts("customer", { kind: "promise", invoiceId, promisedOn: inAMonth });
  await acts("customer", { kind: "withdraw_promise", invoiceId });
  for (const end of ["resolved", "rejected", "withdrawn"] as const) {
    const opened = await acts("customer", {
      kind: "open_dispute",
      ...{ invoiceId, reason: "price_incorrect", amount: 2_000, lines: [], message: "Too much" },
    });
    const [event] = opened;
    if (event?.type !== "dispute.opened") throw new Error("no dispute");
    const disputeId = event.data.dispute.id;
    const move = { kind: "move_dispute", disputeId } as const;
    await acts("supplier", { ...move, state: "under_review" });
    await acts("supplier", { ...move, state: "waiting_for_customer", message: "Which one?" });
    await acts("supplier", { kind: "comment", invoiceId, disputeId, text: "Look" });
    await acts(end === "withdrawn" ? "customer" : "supplier", {
      ...move,
      state: end,
      message: "x",
    });
  }
  await mailed();
}

/** Every address that a mail says, as HTML and as text. */
async function linksOf(raw: Uint8Array) {
  const { html = "", text = "", subject = "" } = await PostalMime.parse(raw);
  const hrefs = [...html.matchAll(/href="([^"]+)"/g)].map(([, url = ""]) => url);
  const written = [...text.matchAll(/https?:\/\/\S+/g)].map(([url]) => url);
  const links = new Set([...hrefs, ...written].map((url) => url.replaceAll("&amp;", "&")));
  return { subject, text, links: [...links] };
}

/** What the page behind a link of a mail says, by the kind of the link. */
function expected(url: URL, mail: { text: string; to: string }): string {
  const { pathname, searchParams } = url;
  const [number = ""] = /KA-\d/.exec(mail.text) ?? [];
  if (pathname.startsWith("/u/")) return "Stop this kind of mail";
  if (pathname === "/verify/file") return "check";
  if (pathname.endsWith("/verify") && searchParams.has("hash")) {
    return "This is the record, unchanged.";
  }
  if (pathname.endsWith("/settings")) return mail.to;
  if (pathname.startsWith("/invitation/")) return "Meridian";
  if (pathname.startsWith("/sign-in/confirm")) return "Press the button";
  return number;
}

test("every link of every mail opens for its recipient, and shows what the mail is about", async () => {
  await using portal = await startTestPortal();
  const { says, mailed } = teller(portal);
  await says(invoice("KA-0"));
  const customer = await portal.addCustomer("Meridian", email);
  await portal.addStaff(staff);
  await causeAll(portal);
  const inviter = { userId: null, name: "Ines" };
  const invite = { customerId: customer, email: "new@meridian.example", name: "New" } as const;
  await inviteUser(portal.portal, {
    ...{ ...invite, role: "member", source: operator, inviter, side: "supplier" },
  });
  portal.portal.wakeOutbox();
  const signIn = { email, peer: "127.0.0.1", to: "/" };
  await portal.portal.auth.askForLink(signIn);
  const rows = () => portal.portal.db.selectFrom("caught_mails").select("subject").execute();
  await expect
    .poll(async () => (await rows()).map(({ subject }) => subject).join(), { timeout: 20_000 })
    .toContain("Sign in");
  await mailed();

  const sent = await portal.portal.db
    .selectFrom("outbox")
    .where("kind", "=", "mail")
    .where("state", "!=", "skipped")
    .select("what")
    .execute();
  const kinds = new Set(sent.map(({ what }) => what));
  const all = [...EventTemplate.options, "sign_in", "invitation"];
  expect(all.filter((kind) => !kinds.has(kind))).toEqual(withoutExample);

  const mails = await portal.portal.db.selectFrom("caught_mails").selectAll().execute();
  expect(mails.length).toBeGreaterThan(15);
  const opened = new Map<string, string>();
  for (const { recipient: to, raw } of mails) {
    const { subject, text, links } = await linksOf(raw);
    expect(links.length, subject).toBeGreaterThan(0);
    const reader = await readerOf(portal, to);
    for (const link of links) {
      const answer = opened.has(to + link) ? null : await fetch(link, { headers: reader });
      if (answer === null) continue;
      opened.set(to + link, link);
      expect(answer.status, `${subject} for ${to}: ${link}`).toBe(200);
      const page = (await answer.text()).replaceAll(/<[^>]*>/g, "");
      expect(page, `${subject} for ${to}: ${link}`).toContain(
        expected(new URL(link), { text, to }),
      );
    }
  }
  const ofCustomer = [...opened].filter(([key]) => key.startsWith(email)).map(([, link]) => link);
  const pages = ofCustomer.filter((link) => !/\/(u|sign-in)\//.test(link));
  for (const link of pages) expect(new URL(link).pathname).toMatch(new RegExp(`^/c/${customer}/`));
});

const readers = new Map<string, { cookie: string }>();

async function readerOf(portal: TestPortal, to: string) {
  const known = readers.get(to) ?? (await portal.as(to)).headers;
  readers.set(to, known);
  return known;
}
