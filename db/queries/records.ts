import { sql } from "kysely";
import type { Db } from "#db/connect.ts";
import type { CustomerRecordRow } from "#db/schema/invoices.ts";
import { holds } from "./like.ts";

/** The customer records of a customer, with how many invoices each has. */
export function recordsOf(db: Db, customerId: string) {
  return withInvoices(db)
    .where("r.customer_id", "=", customerId)
    .orderBy("r.name")
    .limit(500)
    .execute();
}

/** Customer records that belong to no customer yet, by id behind `after`. */
export function recordsWithoutCustomer(db: Db, page: { after: string; limit: number }) {
  return withInvoices(db)
    .where("r.customer_id", "is", null)
    .where("r.id", ">", page.after)
    .orderBy("r.id")
    .limit(page.limit)
    .execute();
}

function withInvoices(db: Db) {
  return db
    .selectFrom("customer_records as r")
    .selectAll("r")
    .select((of) =>
      of
        .selectFrom("invoices as i")
        .whereRef("i.customer_record_id", "=", "r.id")
        .select((i) => i.fn.countAll<number>().as("count"))
        .as("invoices"),
    );
}

/** Ids of a customer record and of those that are linked to the same customer: one company reads them all. */
export function recordsBeside(db: Db, record: string) {
  return db
    .selectFrom("customer_records as beside")
    .where((row) =>
      row.or([
        row("beside.id", "=", record),
        row("beside.customer_id", "=", (of) =>
          of.selectFrom("customer_records").select("customer_id").where("id", "=", record),
        ),
      ]),
    )
    .select("beside.id");
}

/** Customer records, the newest first, with the customer that has each. */
export function listRecords(
  db: Db,
  { search, limit }: { search?: string | undefined; limit: number },
) {
  let query = db
    .selectFrom("customer_records as r")
    .leftJoin("organization as o", "o.id", "r.customer_id");
  if (search !== undefined) {
    const [typed, key] = [search.toLowerCase(), sql<string>`lower(r.external_key)`];
    query = query.where((row) => row.or([holds(sql`lower(r.name)`, typed), holds(key, typed)]));
  }
  return query
    .select(["r.id", "r.connection_id as connection", "r.external_key as externalId", "r.name"])
    .select("o.name as customer")
    .orderBy("r.created_at", "desc")
    .orderBy("r.id")
    .limit(limit)
    .execute();
}

/** One customer record by id. */
export function findRecord(db: Db, id: string): Promise<CustomerRecordRow | undefined> {
  return db.selectFrom("customer_records").where("id", "=", id).selectAll().executeTakeFirst();
}

/** How many customer records wait for a customer. */
export async function countWithoutCustomer(db: Db): Promise<number> {
  const row = await db
    .selectFrom("customer_records")
    .where("customer_id", "is", null)
    .select((of) => of.fn.countAll<number>().as("count"))
    .executeTakeFirst();
  return row?.count ?? 0;
}

/**
 * Customers whose people have an address in one of the domains: a hint for finance, never a match.
 * Gives (domain, customer) pairs.
 */
export async function customersByDomain(db: Db, domains: string[]) {
  if (domains.length === 0) return [];
  const people = await db
    .selectFrom("member as m")
    .innerJoin("user as u", "u.id", "m.userId")
    .innerJoin("organization as o", "o.id", "m.organizationId")
    .where((row) => row.or(domains.map((domain) => row("u.email", "like", `%@${domain}`))))
    .select(["u.email", "o.id", "o.name"])
    .limit(500)
    .execute();
  const hints = new Map<string, { domain: string; id: string; name: string }>();
  for (const { email, id, name } of people) {
    const domain = domainOf(email);
    if (domain !== null) hints.set(`${domain} ${id}`, { domain, id, name });
  }
  return [...hints.values()];
}

/** The part behind the @, lower case; null when it is no address. */
export function domainOf(email: string | null): string | null {
  const [, domain] = /^[^@\s]+@([a-z0-9.-]+)$/.exec((email ?? "").trim().toLowerCase()) ?? [];
  return domain ?? null;
}
