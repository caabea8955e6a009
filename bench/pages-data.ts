import type { Change } from "#server/domain/change.ts";
import { newId } from "#server/domain/id.ts";
import { createCustomer } from "#server/finance/create-customer.ts";
import { linkRecord } from "#server/finance/link-record.ts";
import { recordIn } from "#server/ledger/record.ts";
import type { Portal } from "#server/portal-context.ts";

export const email = "buyer@bench.example";
const source = { kind: "operator", name: "bench" } as const;
const perTransaction = 200;

/** One customer with one person and this many invoices, issued one a day, every third one paid. */
export async function fill(portal: Portal, invoices: number): Promise<void> {
  for (let from = 0; from < invoices; from += perTransaction) {
    await portal.writer.transaction().execute(async (trx) => {
      for (let index = from; index < Math.min(from + perTransaction, invoices); index++) {
        await recordIn(trx, portal, {
          kind: "system",
          source: { kind: "connection", connection: "erp" },
          connection: { id: "erp", kind: "erp" },
          receivedAt: "2026-11-01T00:00:00.000Z",
          asked: true,
          quiet: true,
          changes: [invoice(index)],
        });
      }
    });
  }
  const customer = await createCustomer(portal, source, { name: "Bench Façades" });
  const record = await portal.db
    .selectFrom("customer_records")
    .select("id")
    .executeTakeFirstOrThrow();
  await linkRecord(portal, source, { record: record.id, customer });
  const now = portal.clock().toISOString();
  const user = { id: newId("usr"), name: "Buyer", email, emailVerified: 1, image: null };
  const unset = { staffRole: null, locale: null, timeZone: null };
  const times = { createdAt: now, updatedAt: now };
  await portal.writer
    .insertInto("user")
    .values({ ...user, ...unset, ...times })
    .execute();
  const member = { id: newId("mem"), organizationId: customer, userId: user.id, role: "admin" };
  await portal.writer
    .insertInto("member")
    .values({ ...member, createdAt: now })
    .execute();
}

function invoice(index: number): Change {
  const total = { amount: 100_000 + index, currency: "EUR" };
  const due = index % 3 === 0 ? { amount: 0, currency: "EUR" } : total;
  const dueOn = new Date(Date.UTC(2026, 11, 31) - index * 43_200_000).toISOString().slice(0, 10);
  return {
    kind: "invoice",
    invoice: {
      number: numberOf(index),
      externalId: `ext-${index}`,
      version: 1,
      toldAt: "2026-11-01T00:00:00.000Z",
      customer: { externalId: "C-1", name: "Bench Façades" },
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

/** A session of this person, as the cookie header of a browser. */
export async function signIn(portal: Portal, address: string): Promise<string> {
  const link = new URL(await portal.auth.createLink(address, "/", null));
  const { cookies } = await portal.auth.confirm({
    token: link.searchParams.get("token") ?? "",
    seal: link.searchParams.get("seal") ?? "",
    browser: null,
    peer: "127.0.0.1",
  });
  return cookies.map((cookie) => cookie.split(";")[0]).join("; ");
}
