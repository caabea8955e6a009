import { compiled } from "#db/compiled.ts";
import type { Db } from "#db/connect.ts";
import type { CustomerScope } from "./scope.ts";
import type { Validity } from "./sessions.ts";

/** The sequence of the last event of the ledger; read it before the rows of a page that stays live. */
export async function headSequence(db: Db): Promise<number> {
  const [head] = await readHead(db, {});
  if (!head) throw new Error("The ledger has no head: the database was not migrated");
  return head.sequence;
}

const readHead = compiled<object, { sequence: number }>((db) =>
  db.selectFrom("ledger_head").select("sequence"),
);

/**
 * Which customer records are a customer's and the last event of each one's chain, as text. While it is
 * the same, so is all that a customer sees: even an invoice that moves away leaves an event behind.
 */
export async function customerState(db: Db, { customerId }: CustomerScope): Promise<string> {
  const records = await lastOfRecords(db, { customer: customerId });
  return records.map(({ id, last }) => `${id}:${last ?? 0}`).join(" ");
}

const lastOfRecords = compiled<{ customer: string }, { id: string; last: number | null }>(
  (db, value) =>
    db
      .selectFrom("customer_records")
      .where("customer_id", "=", value("customer"))
      .select("id")
      .select(({ selectFrom }) =>
        selectFrom("events")
          .whereRef("events.chain", "=", "customer_records.id")
          .select((of) => of.fn.max("events.sequence").as("last"))
          .as("last"),
      )
      .orderBy("id"),
);

/** What a list shows of these invoices, and whose they are. Drafts are left out: nobody is told. */
export function liveRows(db: Db, ids: string[]) {
  return db
    .selectFrom("invoices")
    .where("id", "in", ids)
    .where("status", "!=", "draft")
    .select([
      "id",
      "number",
      "customer_id as customerId",
      "status",
      "dispute",
      "currency",
      "total",
      "due",
      "paid",
      "credited",
      "due_on as dueOn",
      "updated_at as updatedAt",
    ])
    .execute();
}

/** The customer who reads each of these chains; the supplier's own has none. */
export async function readersOf(db: Db, chains: string[]): Promise<Map<string, string | null>> {
  const rows = await db
    .selectFrom("customer_records")
    .where("id", "in", chains)
    .select(["id", "customer_id"])
    .execute();
  return new Map(rows.map(({ id, customer_id: customer }) => [id, customer]));
}

/** What a list shows of the disputes of these invoices, and whose each is. */
export function liveDisputes(db: Db, invoices: string[]) {
  return db
    .selectFrom("disputes")
    .where("invoice_id", "in", invoices)
    .select(["id", "invoice_id as invoiceId", "customer_id as customerId", "state"])
    .select("updated_at as updatedAt")
    .execute();
}

interface Missed {
  after: number;
  /** null: everything, for staff. */
  customerId: string | null;
  limit: number;
}

/** Events about invoices behind a sequence, oldest first; a customer's are those of its own chains. */
export function missedEvents(db: Db, { after, customerId, limit }: Missed) {
  let events = db
    .selectFrom("events")
    .where("sequence", ">", after)
    .where("invoice_id", "is not", null)
    .select(["sequence", "type", "chain", "recorded_at", "invoice_id"])
    .orderBy("sequence")
    .limit(limit);
  if (customerId !== null) {
    const records = db.selectFrom("customer_records").where("customer_id", "=", customerId);
    events = events.where("audience", "=", "customer").where("chain", "in", records.select("id"));
  }
  return events.execute();
}

/** Which of these sessions are still valid, once for each customer they may act for. */
export function liveSessions(db: Db, tokens: string[], { now, idleSince }: Validity) {
  return db
    .selectFrom("session")
    .innerJoin("user", "user.id", "session.userId")
    .leftJoin("member", "member.userId", "user.id")
    .where("session.token", "in", tokens)
    .where("session.expiresAt", ">", now)
    .where("session.updatedAt", ">", idleSince)
    .select(["session.token", "user.staffRole", "member.organizationId as customerId"])
    .execute();
}
