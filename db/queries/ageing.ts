import type { Db } from "#db/connect.ts";
import { type AgeingBucket, ageingBuckets } from "#server/domain/invoice.ts";
import { type CalendarDate, plusDays } from "#server/domain/time.ts";
import { openStatuses } from "./invoices.ts";
import { type CustomerScope, invoicesOf } from "./scope.ts";

export interface Aged {
  currency: string;
  /** Still due in all, minor units. */
  due: number;
  buckets: Record<AgeingBucket, { amount: number; invoices: number }>;
}

/**
 * What a customer owes per currency by how late it is on a day of the supplier's zone: whole days past
 * the due date, none counts as not due. Read from one index, without the rows.
 */
export async function ageingOf(db: Db, scope: CustomerScope, today: CalendarDate): Promise<Aged[]> {
  const day = (late: number) => plusDays(today, -late);
  const rows = await invoicesOf(db, scope)
    .where("status", "in", [...openStatuses])
    .select((of) => [
      "currency",
      of
        .case()
        .when("due_on", "<", day(90))
        .then("over_90")
        .when("due_on", "<", day(60))
        .then("61_90")
        .when("due_on", "<", day(30))
        .then("31_60")
        .when("due_on", "<", today)
        .then("1_30")
        .else("not_due")
        .end()
        .as("bucket"),
      of.fn.sum<number>("due").as("amount"),
      of.fn.countAll<number>().as("invoices"),
    ])
    .groupBy(["currency", "bucket"])
    .orderBy("currency")
    .execute();
  const currencies = new Map<string, Aged>();
  for (const { currency, bucket, amount, invoices } of rows) {
    const aged = currencies.get(currency) ?? { currency, due: 0, buckets: emptyBuckets() };
    const name = ageingBuckets.find((known) => known === bucket) ?? "not_due";
    aged.buckets[name] = { amount, invoices };
    aged.due += amount;
    currencies.set(currency, aged);
  }
  return [...currencies.values()];
}

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
