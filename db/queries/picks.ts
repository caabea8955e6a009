import { sql } from "kysely";
import type { Db } from "#db/connect.ts";
import { holds } from "./like.ts";

interface Typed {
  typed: string;
  limit: number;
}

/** Customers whose name holds what was typed, by name. */
export function customersNamed(db: Db, { typed, limit }: Typed) {
  return db
    .selectFrom("organization")
    .where(holds(sql`lower(name)`, typed.toLowerCase()))
    .select(["id", "name"])
    .orderBy("name")
    .orderBy("id")
    .limit(limit)
    .execute();
}

/** Customer records without a customer whose name or id there holds what was typed, by name. */
export function recordsNamed(db: Db, { typed, limit }: Typed) {
  const part = typed.toLowerCase();
  return db
    .selectFrom("customer_records")
    .where("customer_id", "is", null)
    .where((row) => row.or([holds(sql`lower(name)`, part), holds(sql`lower(external_key)`, part)]))
    .select(["id", "name", "connection_id", "external_key", "email"])
    .orderBy("name")
    .orderBy("id")
    .limit(limit)
    .execute();
}

/** Ids of the customers, or of the records without one, of exactly this name; at most two. */
export function idsNamed(db: Db, what: "customer" | "record", name: string) {
  const same = sql<boolean>`lower(name) = ${name.toLowerCase()}`;
  const customers = db.selectFrom("organization").where(same).select("id").limit(2);
  const records = db.selectFrom("customer_records").where("customer_id", "is", null).where(same);
  return what === "customer" ? customers.execute() : records.select("id").limit(2).execute();
}
