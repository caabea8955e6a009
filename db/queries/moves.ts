import { sql } from "kysely";
import { z } from "zod";
import type { Db } from "#db/connect.ts";

const linkTypes = ["record.linked", "record.unlinked"] as const;
const links = new Set<string>(linkTypes);
const moves = new Set<string>([...linkTypes, "invoice.moved_out", "invoice.moved_in"]);

/** Whether an event gives a customer invoices or takes them away. */
export function isMove(type: string): boolean {
  return moves.has(type);
}

/** The data of an event about a customer record and its customer. */
const Linked = z.object({ customer: z.string() });

/** The customers who got or lost invoices by these events, each once. */
export async function customersOfMoves(db: Db, sequences: number[]): Promise<string[]> {
  const rows = await db
    .selectFrom("events")
    .leftJoin("customer_records", "customer_records.id", "events.chain")
    .where("sequence", "in", sequences)
    .select(["type", "data", "customer_records.customer_id as customer"])
    .execute();
  const customers = rows.map(({ type, data, customer }) =>
    links.has(type) ? linkedCustomer(data) : customer,
  );
  return [...new Set(customers.filter((customer) => customer !== null))];
}

/**
 * Whether customer records were given to a customer or taken away behind a sequence. A record that was
 * taken is none of theirs any more: its event alone tells whose it was.
 */
export async function recordsCameOrWent(
  db: Db,
  { after, customerId }: { after: number; customerId: string },
): Promise<boolean> {
  // Written out, for the index holds these types alone.
  const types = sql.join(linkTypes.map((type) => sql.lit(type)));
  const rows = await db
    .selectFrom("events")
    .select("data")
    .where("sequence", ">", after)
    .where(sql<boolean>`type in (${types})`)
    .execute();
  return rows.some(({ data }) => linkedCustomer(data) === customerId);
}

function linkedCustomer(data: string | null): string | null {
  return data === null ? null : Linked.parse(JSON.parse(data)).customer;
}
