import { sql } from "kysely";
import type { Db } from "#db/connect.ts";
import { type AgeingBucket, ageingBuckets } from "#domain/invoice.ts";
import { type CalendarDate, plusDays } from "#domain/time.ts";
import { countLimit } from "#domain/list-limits.ts";
import type { View } from "./invoice-filters.ts";
import { openDisputes, openStatuses } from "./invoices.ts";
import { compiledFor, type CustomerScope } from "./scope.ts";

export interface Aged {
  currency: string;
  /** Still due in all, minor units. */
  due: number;
  buckets: Record<AgeingBucket, { amount: number; invoices: number }>;
}

/**
 * What a customer owes per currency by how late it is on a day of the supplier's zone: whole days past
 * the due date, none counts as not due; and how many invoices each saved view holds, at most 10,000.
 * Read from indexes alone, the unpaid ones once.
 */
export async function openSums(
  db: Db,
  scope: CustomerScope,
  today: CalendarDate,
): Promise<{ ageing: Aged[]; counts: Record<View, number> }> {
  const late = (days: number) => plusDays(today, -days);
  const days = { today, d30: late(30), d60: late(60), d90: late(90), week: plusDays(today, 6) };
  const rows = await unpaid(db, scope, days);
  const currencies = new Map<string, Aged>();
  const counts = { all: 0, overdue: 0, disputed: 0, week: 0 };
  for (const { currency, status, bucket, amount, invoices } of rows) {
    const aged = currencies.get(currency) ?? { currency, due: 0, buckets: emptyBuckets() };
    const sums = aged.buckets[ageingBuckets.find((known) => known === bucket) ?? "not_due"];
    sums.amount += amount;
    sums.invoices += invoices;
    aged.due += amount;
    currencies.set(currency, aged);
    if (status === "overdue") counts.overdue += invoices;
    else if (bucket === "week") counts.week += invoices;
  }
  counts.all = (await countAll(db, scope, {}))[0]?.count ?? 0;
  counts.disputed = (await countDisputed(db, scope, {}))[0]?.count ?? 0;
  return { ageing: [...currencies.values()], counts };
}

interface Days {
  today: CalendarDate;
  d30: CalendarDate;
  d60: CalendarDate;
  d90: CalendarDate;
  week: CalendarDate;
}

interface UnpaidRow {
  currency: string;
  status: string;
  /** `week`: due on this day or within the six days behind it. */
  bucket: string;
  amount: number;
  invoices: number;
}

const unpaid = compiledFor<Days, UnpaidRow>((invoices, value) =>
  invoices
    .where("status", "in", [...openStatuses])
    .select((of) => [
      "currency",
      "status",
      of
        .case()
        .when("due_on", "<", value("d90"))
        .then(sql.lit("over_90"))
        .when("due_on", "<", value("d60"))
        .then(sql.lit("61_90"))
        .when("due_on", "<", value("d30"))
        .then(sql.lit("31_60"))
        .when("due_on", "<", value("today"))
        .then(sql.lit("1_30"))
        .when("due_on", "<=", value("week"))
        .then(sql.lit("week"))
        .else(sql.lit("not_due"))
        .end()
        .as("bucket"),
      of.fn.sum<number>("due").as("amount"),
      of.fn.countAll<number>().as("invoices"),
    ])
    .groupBy(["currency", "status", "bucket"])
    .orderBy("currency"),
);

const countAll = compiledFor<object, { count: number }>((invoices, _, db) =>
  db
    .selectFrom(invoices.select("id").limit(sql.lit(countLimit)).as("i"))
    .select(({ fn }) => fn.countAll<number>().as("count")),
);

const countDisputed = compiledFor<object, { count: number }>((invoices, _, db) =>
  db
    .selectFrom(
      invoices
        .where("dispute", "in", [...openDisputes])
        .select("id")
        .limit(sql.lit(countLimit))
        .as("i"),
    )
    .select(({ fn }) => fn.countAll<number>().as("count")),
);

function emptyBuckets(): Aged["buckets"] {
  const none = () => ({ amount: 0, invoices: 0 });
  return {
    not_due: none(),
    "1_30": none(),
    "31_60": none(),
    "61_90": none(),
    over_90: none(),
  };
}
