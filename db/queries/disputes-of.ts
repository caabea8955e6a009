import { compiled } from "#db/compiled.ts";
import type { Db } from "#db/connect.ts";
import type { CustomerScope } from "./scope.ts";

const waits = "waiting_for_customer";
const openStates = ["open", "under_review", waits] as const;

/** A customer's disputes with their invoice's number: those that wait for them first, then by last change. */
export function disputesOf(db: Db, scope: CustomerScope, page: { open: boolean; limit: number }) {
  return own(db, scope)
    .where("disputes.state", page.open ? "in" : "not in", [...openStates])
    .selectAll("disputes")
    .select("invoices.number as invoice_number")
    .orderBy((of) => of.case().when("disputes.state", "=", waits).then(0).else(1).end())
    .orderBy("disputes.sequence", "desc")
    .limit(page.limit)
    .execute();
}

/** One of a customer's disputes by its number, with its invoice's number and totals. */
export function findDispute(db: Db, scope: CustomerScope, number: string) {
  return own(db, scope)
    .where("disputes.number", "=", number)
    .selectAll("disputes")
    .select(["invoices.number as invoice_number", "invoices.due", "invoices.credited"])
    .executeTakeFirst();
}

/** How many disputes are open, and how many of them wait for the customer. */
export async function countDisputes(db: Db, scope: CustomerScope) {
  const states = await countOpen(db, { customer: scope.customerId });
  const waiting = states.find(({ state }) => state === "waiting_for_customer")?.count ?? 0;
  return { open: states.reduce((sum, { count }) => sum + count, 0), waiting };
}

const countOpen = compiled<{ customer: string }, { state: string; count: number }>((db, value) =>
  db
    .selectFrom("disputes")
    .where("customer_id", "=", value("customer"))
    .where("state", "in", [...openStates])
    .select(({ fn }) => ["state", fn.countAll<number>().as("count")])
    .groupBy("state"),
);

function own(db: Db, scope: CustomerScope) {
  return db
    .selectFrom("disputes")
    .innerJoin("invoices", "invoices.id", "disputes.invoice_id")
    .where("disputes.customer_id", "=", scope.customerId)
    .where("invoices.customer_id", "=", scope.customerId)
    .where("invoices.status", "!=", "draft");
}
