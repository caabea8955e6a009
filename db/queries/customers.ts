import { sql } from "kysely";
import type { Db } from "#db/connect.ts";
import { plusDays, type CalendarDate } from "#domain/time.ts";
import { holds } from "./like.ts";

interface CustomerPage {
  search?: string | undefined;
  after?: { name: string; id: string } | undefined;
  limit: number;
}

/** Customers by name, with how many people and customer records each has. */
export function listCustomers(db: Db, { search, after, limit }: CustomerPage) {
  let query = db.selectFrom("organization as o");
  if (search) {
    query = query.where(holds(sql`lower(o.name)`, search.toLowerCase()));
  }
  if (after) {
    query = query.where((row) =>
      row.or([
        row("o.name", ">", after.name),
        row.and([row("o.name", "=", after.name), row("o.id", ">", after.id)]),
      ]),
    );
  }
  return query
    .select((of) => [
      "o.id",
      "o.name",
      of
        .selectFrom("member as m")
        .whereRef("m.organizationId", "=", "o.id")
        .select((m) => m.fn.countAll<number>().as("count"))
        .as("people"),
      of
        .selectFrom("customer_records as r")
        .whereRef("r.customer_id", "=", "o.id")
        .select((r) => r.fn.countAll<number>().as("count"))
        .as("records"),
    ])
    .orderBy("o.name")
    .orderBy("o.id")
    .limit(limit)
    .execute();
}

/** How many customers there are whose name holds what was searched. */
export async function countCustomers(db: Db, search: string): Promise<number> {
  const row = await db
    .selectFrom("organization")
    .where(holds(sql`lower(name)`, search.toLowerCase()))
    .select((of) => of.fn.countAll<number>().as("count"))
    .executeTakeFirst();
  return row?.count ?? 0;
}

/** One customer by id. */
export function findCustomer(db: Db, id: string) {
  return db
    .selectFrom("organization")
    .where("id", "=", id)
    .select(["id", "name", "createdAt"])
    .executeTakeFirst();
}

/**
 * Open amounts (minor units) and numbers of invoices of customers, by currency and lateness on a day
 * of the supplier's zone.
 */
export function ageingOf(db: Db, customerIds: string[], today: CalendarDate) {
  const day = (late: number) => plusDays(today, -late);
  return db
    .selectFrom("invoices")
    .where("customer_id", "in", customerIds)
    .where("status", "in", ["open", "partially_paid", "overdue"])
    .select((of) => {
      const late = (from: CalendarDate | null, to: CalendarDate) => {
        const before = of("due_on", "<", to);
        return from === null ? before : of.and([before, of("due_on", ">=", from)]);
      };
      const [first, second] = [late(day(30), today), late(day(60), day(30))];
      const [third, last] = [late(day(90), day(60)), late(null, day(90))];
      const notDue = of.or([of("due_on", "is", null), of("due_on", ">=", today)]);
      const due = (when: typeof first) =>
        of.fn.sum<number>(of.case().when(when).then(of.ref("due")).else(0).end());
      const count = (when: typeof first) =>
        of.fn.sum<number>(of.case().when(when).then(1).else(0).end());
      return [
        "customer_id",
        "currency",
        of.fn.sum<number>("due").as("open"),
        due(first).as("late_1_30"),
        due(second).as("late_31_60"),
        due(third).as("late_61_90"),
        due(last).as("late_over_90"),
        count(notDue).as("invoices_not_due"),
        count(first).as("invoices_1_30"),
        count(second).as("invoices_31_60"),
        count(third).as("invoices_61_90"),
        count(last).as("invoices_over_90"),
      ];
    })
    .groupBy(["customer_id", "currency"])
    .orderBy("customer_id")
    .orderBy("currency")
    .execute();
}

/** Everybody who works for the supplier. */
export function listStaff(db: Db) {
  return db
    .selectFrom("user")
    .where("staffRole", "is not", null)
    .select(["id", "name", "email", "staffRole", "createdAt"])
    .orderBy("name")
    .limit(500)
    .execute();
}
