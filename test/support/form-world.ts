import { randomUUID } from "node:crypto";
import { writeDemoPeople } from "#db/queries/demo-people.ts";
import { stopUrl } from "#server/mail/unsubscribe.ts";
import { inviteUser } from "#server/people/invite-user.ts";
import { startTestPortal, webhookSecret } from "./start-portal.ts";
import { invoiceIssued, paymentReceived } from "./standard-event.ts";

const source = { kind: "operator", name: "test" } as const;
const now = "2026-11-30T09:00:00.000Z";
const secrets = { webhookSecret, writeBackSecret: webhookSecret };
const erp = {
  id: "erp",
  system: "standard-webhooks",
  settings: { writeBackUrl: "http://127.0.0.1:9/portal" },
  secrets,
};

export type FormWorld = Awaited<ReturnType<typeof openFormWorld>>;

/** A portal in which every page that has a form can be reached, and what makes the states that it needs. */
export async function openFormWorld() {
  const portal = await startTestPortal({ connections: [erp] });
  const { writer, db } = portal.portal;
  await portal.deliver("erp", invoiceIssued("KA-0"));
  await portal.settled();
  const customer = await portal.addCustomer("Acme Tooling", "ines@acme.example");
  await portal.addStaff("ada@kestrel.example", "administrator");
  const demo = { name: "Ines", email: "ines@acme.example", of: "Acme" };
  await writeDemoPeople(writer, { customer: demo, finance: demo });
  const ines = await portal.as("ines@acme.example");
  const ada = await portal.as("ada@kestrel.example");
  await portal.addStaff("cleo@kestrel.example");
  await portal.addStaff("bo@kestrel.example");
  const bo = await portal.as("bo@kestrel.example");
  let made = 0;

  async function invoice(): Promise<string> {
    const number = `KA-${++made}`;
    const line = { id: "1", description: "Panels", quantity: "2", unitPrice: "5", total: "10.00" };
    await portal.deliver("erp", invoiceIssued(number, { lines: [line] }));
    await portal.settled();
    return number;
  }

  async function disputed(): Promise<string> {
    const number = await invoice();
    const form = { reason: "other", part: "whole", message: "No" };
    await ines.post(`/invoices/${number}/dispute`, form);
    return number;
  }

  async function disputeId(): Promise<string> {
    const number = `D-${await disputed()}-01`;
    const row = await db
      .selectFrom("disputes")
      .select("id")
      .where("number", "=", number)
      .executeTakeFirstOrThrow();
    return row.id;
  }

  async function outboxRow(parked: boolean): Promise<string> {
    const id = `wb-${randomUUID()}`;
    const row = { id, kind: "writeback", order_key: id, once_key: id, target: "erp" };
    const more = { what: "dispute.opened", payload: "{}", created_at: now, updated_at: now };
    const state = { due_at: "2099-01-01T00:00:00.000Z", parked_at: parked ? now : null };
    const numbers = { sequence: null, invoice_id: null, receipt: null, done_at: null };
    await writer
      .insertInto("outbox")
      .values({ ...row, ...more, ...state, ...numbers })
      .execute();
    return id;
  }

  async function connection(): Promise<string> {
    const id = `more-${++made}`;
    const { connections } = portal.portal;
    await connections.add(
      { id, system: "standard-webhooks", settings: {}, secrets: { webhookSecret } },
      source,
    );
    return id;
  }

  /** An organisation of a vendor's app, as connecting it makes one. */
  async function organisation(): Promise<string> {
    const { connections } = portal.portal;
    const [id, app] = [`more-${++made}`, `app-${made}`];
    const client = { clientId: "c-1" };
    const kept = { clientSecret: "a-secret-of-xero", webhookKey: "a-key-of-xero" };
    await connections.add({ id: app, system: "xero", settings: client, secrets: kept }, source);
    const own = { id, system: "xero", app, account: id, settings: {}, secrets: {} };
    await connections.add(own, source);
    return id;
  }

  /** A customer with a linked record, one person and an invitation; gives its id. */
  async function customerOf(name: string): Promise<string> {
    const number = `KC-${++made}`;
    await portal.deliver("erp", invoiceIssued(number, { customer: { id: name, name } }));
    await portal.settled();
    return portal.addCustomer(name, `buyer-${made}@${name}.example`);
  }

  async function invite(customerId: string, email: string): Promise<string> {
    const inviter = { userId: ines.seat.person, name: "Ines" };
    const person = { email, name: "Guest", role: "member", customerId } as const;
    return inviteUser(portal.portal, { ...person, side: "customer", source, inviter });
  }

  return {
    ...{
      portal,
      customer,
      ines,
      ada,
      invoice,
      disputed,
      disputeId,
      outboxRow,
      connection,
      organisation,
    },
    /** Somebody of the customer beside Ines; gives the invitation's id. */
    invitation: () => invite(customer, `guest-${++made}@acme.example`),
    /** Ines is invited to another customer too. */
    async ownInvitation(): Promise<string> {
      return invite(await customerOf(`other-${++made}`), "ines@acme.example");
    },
    /** A customer with a linked record and a person. */
    customerBeside: () => customerOf(`beside-${++made}`),
    async invitedBeside(): Promise<string> {
      const id = await customerOf(`beside-${++made}`);
      await invite(id, `guest-${made}@beside.example`);
      return id;
    },
    async takenDispute(): Promise<string> {
      const id = await disputeId();
      await bo.post(`/finance/disputes/${id}`, { do: "take", from: "" });
      return id;
    },
    async deadDelivery(): Promise<number> {
      await invoice();
      const newest = db.selectFrom("deliveries").select(({ fn }) => fn.max("id").as("id"));
      const { id } = await newest.executeTakeFirstOrThrow();
      await writer
        .updateTable("deliveries")
        .set({ dead_at: now, error: "no total" })
        .where("id", "=", id)
        .execute();
      return id;
    },
    /** A payment of an invoice that nobody told of. */
    async unmatched(): Promise<void> {
      const payment = { id: `P-${++made}`, amount: "1.00" };
      await portal.deliver("erp", paymentReceived(`KX-${made}`, payment));
      await portal.settled();
    },
    /** A status that its sums contradict. */
    async notice(): Promise<void> {
      await portal.deliver("erp", invoiceIssued(`KN-${++made}`, { status: "paid", paid: "0.00" }));
      await portal.settled();
    },
    async pausedConnection(): Promise<string> {
      const id = await connection();
      await ada.post(`/finance/connections/${id}`, { do: "pause" });
      return id;
    },
    async suppressed(): Promise<void> {
      const address = `gone-${++made}@acme.example`;
      const row = { address, refused_at: now, answer: "550 5.1.1" };
      await writer.insertInto("mail_suppressions").values(row).execute();
    },
    async rejected(): Promise<string> {
      const id = await connection();
      const row = { connection_id: id, delivery_id: null, run_id: null, element: "Invoice 1" };
      const why = { reason: "no total", rejected_at: now, dismissed_at: null };
      await writer
        .insertInto("rejections")
        .values({ ...row, ...why })
        .execute();
      return id;
    },
    /** A customer record that belongs to nobody yet. */
    async record(): Promise<void> {
      const number = `KB-${++made}`;
      const stranger = { id: `C-${made}`, name: `Stranger ${made}` };
      await portal.deliver("erp", invoiceIssued(number, { customer: stranger }));
      await portal.settled();
    },
    /** The name of the one made last. */
    latestRecord: () => `Stranger ${made}`,
    /** A connection's id that is free. */
    unused: () => `more-${++made}`,
    async staff(): Promise<void> {
      await portal.addStaff(`more-${++made}@kestrel.example`);
    },
    async stopLink(): Promise<string> {
      const userId = await portal.addStaff(`stop-${++made}@kestrel.example`);
      const { pathname } = new URL(
        stopUrl(portal.portal.config, { userId, kind: "finance_comments" }),
      );
      return pathname;
    },
    async signInLink(): Promise<string> {
      const link = new URL(await portal.portal.auth.createLink("ines@acme.example"));
      return link.pathname + link.search;
    },
    async deliveryId(): Promise<number> {
      const row = await db.selectFrom("deliveries").select("id").executeTakeFirstOrThrow();
      return row.id;
    },
    async key(): Promise<void> {
      const form = { do: "create", name: `Program ${++made}`, role: "finance", expires: "" };
      await ada.post("/finance/keys", form);
    },
  };
}
