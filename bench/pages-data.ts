import type { Context } from "#server/context.ts";
import type { Change } from "#domain/change.ts";
import { newId } from "#domain/id.ts";
import { createCustomer } from "#server/customers/create-customer.ts";
import { linkRecord } from "#server/customers/link-record.ts";
import { recordIn } from "#server/ledger/record.ts";
import type { Portal } from "#server/portal-context.ts";

export const email = "buyer@bench.example";
const source = { kind: "operator", name: "bench" } as const;
const perTransaction = 1_000;

/** One customer with one person and this many invoices, issued one a day, every third one paid. */
export async function fill(portal: Portal, invoices: number): Promise<void> {
  await recordInvoices(portal, { from: 0, to: invoices, ofCustomer: () => 0 });
  await addReader(portal, { customer: 0 });
}

interface Stretch {
  from: number;
  to: number;
  /** The customer of an invoice, both by number. */
  ofCustomer: (index: number) => number;
}

/** Records invoices quietly, many to a transaction. */
export async function recordInvoices(
  context: Context,
  { from, to, ofCustomer }: Stretch,
): Promise<void> {
  for (let first = from; first < to; first += perTransaction) {
    await context.writer.transaction().execute(async (trx) => {
      for (let index = first; index < Math.min(first + perTransaction, to); index++) {
        await recordIn(trx, context, {
          kind: "system",
          source: { kind: "connection", connection: "erp" },
          connection: { id: "erp", kind: "erp" },
          receivedAt: "2026-11-01T00:00:00.000Z",
          asked: true,
          quiet: true,
          changes: [invoice(index, ofCustomer(index))],
        });
      }
    });
  }
}

/** Gives the customer of this number a person who reads its invoices; gives the ids of both. */
export async function addReader(
  context: Context,
  { customer, address = email }: { customer: number; address?: string },
): Promise<{ id: string; person: string }> {
  const name = customerName(customer);
  const id = await createCustomer(context, source, { name });
  const record = await context.db
    .selectFrom("customer_records")
    .where("name", "=", name)
    .select("id")
    .executeTakeFirstOrThrow();
  await linkRecord(context, source, { record: record.id, customer: id });
  const now = context.clock().toISOString();
  const user = { id: newId("usr"), name: "Buyer", email: address, emailVerified: 1, image: null };
  const unset = { staffRole: null, locale: null, timeZone: null };
  const times = { createdAt: now, updatedAt: now };
  await context.writer
    .insertInto("user")
    .values({ ...user, ...unset, ...times })
    .execute();
  const member = { id: newId("mem"), organizationId: id, userId: user.id, role: "admin" };
  await context.writer
    .insertInto("member")
    .values({ ...member, createdAt: now })
    .execute();
  return { id, person: user.id };
}

function customerName(customer: number): string {
  return customer === 0 ? "Bench Façades" : `Bench Façades ${customer}`;
}

function invoice(index: number, customer: number): Change {
  const total = { amount: 100_000 + index, currency: "EUR" };
  const due = index % 3 === 0 ? { amount: 0, currency: "EUR" } : total;
  const dueOn = new Date(Date.UTC(2026, 11, 31) - index * 43_200_000).toISOString().slice(0, 10);
  return {
    kind: "invoice",
    invoice: {
      number: numberOf(index),
      externalId: `ka-${index}`,
      version: 1,
      toldAt: "2026-11-01T00:00:00.000Z",
      customer: { externalId: `B-${customer}`, name: customerName(customer) },
      currency: "EUR",
      total,
      due,
      state: "issued",
      dueOn,
      issuedOn: dueOn,
      description: "Black anodizing, Almere balconies",
      references: [{ kind: "po", value: `PO-${index}` }],
    },
  };
}

/** Latest due date first, so that the first ones stand on the first page. */
export function numberOf(index: number): string {
  return `KA-${String(index).padStart(6, "0")}`;
}

/** A session of this person, as the cookie header of a browser; each peer may sign in a few times. */
export async function signIn(portal: Portal, address: string, peer = "127.0.0.1"): Promise<string> {
  const link = new URL(await portal.auth.createLink(address, "/"));
  const { cookies } = await portal.auth.confirm({
    token: link.searchParams.get("token") ?? "",
    seal: link.searchParams.get("seal") ?? "",
    asked: [],
    peer,
  });
  return cookies.map((cookie) => cookie.split(";")[0]).join("; ");
}
