import { sql } from "kysely";
import { compiled } from "#db/compiled.ts";
import type { Db } from "#db/connect.ts";
import type { CustomerScope } from "./scope.ts";

const waits = "waiting_for_customer";
const openStates = ["open", "under_review", waits] as const;

interface Page {
  open: boolean;
  /** Behind this place. */
  after: Place | null;
  limit: number;
}

/** Where a dispute stands in the list: 0 for those that wait for the customer, and its last change. */
export interface Place {
  rank: number;
  sequence: number;
}

const rank = sql<number>`case when disputes.state = ${sql.lit(waits)} then 0 else 1 end`;

/** A page of a customer's disputes: those that wait for them first, then by last change. */
export function disputesOf(db: Db, scope: CustomerScope, { open, after, limit }: Page) {
  let page = own(db, scope)
    .where("disputes.state", open ? "in" : "not in", [...openStates])
    .selectAll("disputes")
    .select([...ofInvoice, isMoved.as("is_moved"), "invoices.credited", rank.as("rank")]);
  if (after !== null) {
    page = page.where(({ or, and, eb }) => {
      const earlier = eb("disputes.sequence", "<", after.sequence);
      if (!open) return earlier;
      return or([eb(rank, ">", after.rank), and([eb(rank, "=", after.rank), earlier])]);
    });
  }
  // Of the closed, who are many, none waits: ordered by their last change alone they come from the index.
  if (open) page = page.orderBy(rank);
  return page.orderBy("disputes.sequence", "desc").limit(limit).execute();
}

/**
 * One of a customer's disputes by its number or id, with its invoice's number and totals. Where `is_moved`, the
 * invoice is another's by now, and what it holds is not for this customer.
 */
export function findDispute(db: Db, scope: CustomerScope, numberOrId: string) {
  return own(db, scope)
    .where(({ or, eb }) =>
      or([eb("disputes.number", "=", numberOrId), eb("disputes.id", "=", numberOrId)]),
    )
    .selectAll("disputes")
    .select([...ofInvoice, isMoved.as("is_moved"), "invoices.due", "invoices.credited"])
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

const ofInvoice = ["invoices.number as invoice_number"] as const;

/** 1 where the disputed invoice is another customer's by now; 0 otherwise. */
const isMoved = sql<number>`case when invoices.customer_id = disputes.customer_id then 0 else 1 end`;

/** A dispute is its customer's for good; a draft hides those of its own customer only. */
function own(db: Db, scope: CustomerScope) {
  return db
    .selectFrom("disputes")
    .innerJoin("invoices", "invoices.id", "disputes.invoice_id")
    .where("disputes.customer_id", "=", scope.customerId)
    .where((row) =>
      row.or([
        row("invoices.status", "!=", "draft"),
        row("invoices.customer_record_id", "!=", row.ref("disputes.customer_record_id")),
      ]),
    );
}
