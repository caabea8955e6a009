import { sql } from "kysely";
import { z } from "zod";
import type { Db } from "#db/connect.ts";
import type { DisputeState } from "#domain/dispute.ts";
import type { Instant } from "#domain/time.ts";
import { beginsWith, holds } from "./like.ts";

export const QueueView = z.enum(["all", "mine", "unassigned", "late", "waiting", "closed"]);
export type QueueView = z.infer<typeof QueueView>;

const closed: DisputeState[] = ["resolved", "rejected", "withdrawn"];

interface Queue {
  view: QueueView;
  /** The user who asks. */
  userId: string;
  now: Instant;
  /** Start of a dispute's or invoice's number, or part of a customer's name. */
  search?: string | undefined;
  after?: QueueCursor | undefined;
  limit: number;
}

/** Where a page of the queue ends. */
export interface QueueCursor {
  /** 0 while a first response is owed, 1 after it or while the customer has to answer. */
  rank: number;
  /** The deadline; of closed ones when it was closed. */
  dueAt: Instant;
  id: string;
}

const rank = sql<number>`case when d.responded_at is null and d.state in ('open', 'under_review') then 0 else 1 end`;

/** Who disputes: the invoice's customer, or where it was moved since, whose it was when it was disputed. */
const customerName = sql<string>`case when i.customer_record_id = d.customer_record_id
  then i.customer_name
  else (select r.name from customer_records r where r.id = d.customer_record_id) end`;

/** Who works it, by the name that they have now. */
const processorName = sql<string | null>`coalesce(
  (select u.name from "user" u where u.id = d.processor_id), d.processor)`;

/** 1 where the disputed invoice is another customer's by now; 0 otherwise. */
const isMoved = sql<number>`case when i.customer_record_id = d.customer_record_id
  or i.customer_id = d.customer_id then 0 else 1 end`;

/**
 * Disputes of a view with the invoice of each: those that wait for our first response before the
 * others, the oldest deadline first. Of closed ones the last closed comes first.
 */
export function disputeQueue(db: Db, queue: Queue) {
  let query = inView(db, queue).innerJoin("invoices as i", "i.id", "d.invoice_id");
  if (queue.search) {
    const start = queue.search.toUpperCase();
    const part = queue.search.toLowerCase();
    query = query.where((row) =>
      row.or([
        beginsWith(sql`upper(d.number)`, start),
        beginsWith(sql`i.number_key`, start),
        holds(sql`lower(${customerName})`, part),
      ]),
    );
  }
  const { after } = queue;
  const isClosed = queue.view === "closed";
  if (after && isClosed) {
    query = query.where(sql<boolean>`(d.closed_at, d.id) < (${after.dueAt}, ${after.id})`);
  } else if (after) {
    const place = sql`(${after.rank}, ${after.dueAt}, ${after.id})`;
    query = query.where(sql<boolean>`(${rank}, d.first_response_due_at, d.id) > ${place}`);
  }
  const sorted = isClosed
    ? query.orderBy("d.closed_at", "desc").orderBy("d.id", "desc")
    : query.orderBy(rank).orderBy("d.first_response_due_at").orderBy("d.id");
  return sorted
    .select(["d.id", "d.number", "d.state", "d.reason", "d.currency", "d.amount", "d.opened_at"])
    .select(["d.first_response_due_at", "d.responded_at", "d.updated_at"])
    .select(processorName.as("processor"))
    .select(["i.number as invoice_number", customerName.as("customer_name"), rank.as("rank")])
    .select("d.closed_at")
    .limit(queue.limit)
    .execute();
}

function inView(db: Db, { view, userId, now }: Pick<Queue, "view" | "userId" | "now">) {
  const all = db.selectFrom("disputes as d");
  if (view === "closed") return all.where("d.closed_at", "is not", null);
  const open = all.where("d.state", "not in", closed);
  switch (view) {
    case "all":
      return open;
    case "mine":
      return open.where("d.processor_id", "=", userId);
    case "unassigned":
      return open.where("d.processor", "is", null);
    case "late":
      return open
        .where("d.responded_at", "is", null)
        .where("d.state", "!=", "waiting_for_customer")
        .where("d.first_response_due_at", "<", now);
    case "waiting":
      return open.where("d.state", "=", "waiting_for_customer");
  }
}

/** How many disputes each open view holds. */
export async function queueCounts(db: Db, { userId, now }: { userId: string; now: Instant }) {
  const count = async (view: QueueView) => {
    const query = inView(db, { view, userId, now });
    const row = await query.select((of) => of.fn.countAll<number>().as("count")).executeTakeFirst();
    return row?.count ?? 0;
  };
  const [all, mine, unassigned, late, waiting] = await Promise.all([
    count("all"),
    count("mine"),
    count("unassigned"),
    count("late"),
    count("waiting"),
  ]);
  return { all, mine, unassigned, late, waiting };
}

/** The open disputes that a user works. */
export function openDisputesOf(db: Db, userId: string) {
  return db
    .selectFrom("disputes")
    .where("processor_id", "=", userId)
    .where("state", "not in", closed)
    .select("id")
    .limit(10_000)
    .execute();
}

/** Sums in dispute, one a currency, since currencies are never added up. */
export function disputedSums(db: Db) {
  return db
    .selectFrom("disputes")
    .where("state", "not in", closed)
    .select((of) => ["currency", of.fn.sum<number>("amount").as("amount")])
    .groupBy("currency")
    .orderBy("currency")
    .execute();
}

/** One dispute by its id, with its invoice. */
export function findDispute(db: Db, id: string) {
  return db
    .selectFrom("disputes as d")
    .innerJoin("invoices as i", "i.id", "d.invoice_id")
    .where("d.id", "=", id)
    .selectAll("d")
    .select(["i.number as invoice_number", "i.status", "i.due", "i.due_on"])
    .select([customerName.as("customer_name"), isMoved.as("is_moved")])
    .select(processorName.as("processor_name"))
    .select(["i.total", "i.paid", "i.credited", "i.view", "i.owner"])
    .executeTakeFirst();
}

interface DisputeFilter {
  customerId?: string | undefined;
  invoiceId?: string | undefined;
  state?: DisputeState | undefined;
  after: number;
  limit: number;
}

/** Disputes with a last event behind `after`, in the order of their last event. */
export function disputesAfter(db: Db, filter: DisputeFilter) {
  let query = db
    .selectFrom("disputes as d")
    .innerJoin("invoices as i", "i.id", "d.invoice_id")
    .where("d.sequence", ">", filter.after);
  if (filter.customerId) query = query.where("d.customer_id", "=", filter.customerId);
  if (filter.invoiceId) query = query.where("d.invoice_id", "=", filter.invoiceId);
  if (filter.state) query = query.where("d.state", "=", filter.state);
  return query
    .selectAll("d")
    .select(["i.number as invoice_number", customerName.as("customer_name")])
    .select(isMoved.as("is_moved"))
    .orderBy("d.sequence")
    .orderBy("d.id")
    .limit(filter.limit)
    .execute();
}

/** Disputes of a customer opened since an instant, by outcome. */
export function disputeOutcomes(db: Db, customerId: string, since: Instant) {
  return db
    .selectFrom("disputes")
    .where("customer_id", "=", customerId)
    .where("opened_at", ">=", since)
    .select((of) => ["state", of.fn.countAll<number>().as("count")])
    .groupBy("state")
    .execute();
}
