import type { Db } from "#db/connect.ts";
import type { FinanceNoticeRow } from "#db/schema/notices.ts";

type Notice = Pick<FinanceNoticeRow, "action" | "connection_id" | "invoice_id"> & {
  delivery_id: number | null;
  details: string;
  since: string;
  at: string;
};

/** One row for each kind, connection and invoice: told again it counts, and is open again. */
export async function keepNotice(trx: Db, { at, ...notice }: Notice): Promise<void> {
  const id = `${notice.action}:${notice.connection_id}:${notice.invoice_id}`;
  const known = await findNotice(trx, id);
  const { since, details, delivery_id } = notice;
  if (!known) {
    const row = { id, ...notice, first_at: at, last_at: at, times: 1, closed_at: null };
    await trx.insertInto("finance_notices").values(row).execute();
    return;
  }
  const opened = known.closed_at === null ? {} : { since, first_at: at, closed_at: null };
  const times = known.closed_at === null ? known.times + 1 : 1;
  await trx
    .updateTable("finance_notices")
    .set({ details, delivery_id, last_at: at, times, ...opened })
    .where("id", "=", id)
    .execute();
}

/** What is open, newest first, with the number of each invoice. */
export function openNotices(db: Db, { limit }: { limit: number }) {
  return db
    .selectFrom("finance_notices as n")
    .leftJoin("invoices", "invoices.id", "n.invoice_id")
    .where("n.closed_at", "is", null)
    .selectAll("n")
    .select(["invoices.number", "invoices.currency", "invoices.customer_name"])
    .orderBy("n.last_at", "desc")
    .orderBy("n.id")
    .limit(limit)
    .execute();
}

export async function countOpenNotices(db: Db): Promise<number> {
  const row = await db
    .selectFrom("finance_notices")
    .where("closed_at", "is", null)
    .select((of) => of.fn.countAll<number>().as("count"))
    .executeTakeFirst();
  return row?.count ?? 0;
}

export async function findNotice(db: Db, id: string): Promise<FinanceNoticeRow | undefined> {
  return db.selectFrom("finance_notices").selectAll().where("id", "=", id).executeTakeFirst();
}

/** Open notices of one kind and connection that came since then. */
export function noticesOf(
  db: Db,
  { action, connection, limit }: { action: string; connection: string; limit: number },
): Promise<FinanceNoticeRow[]> {
  return db
    .selectFrom("finance_notices")
    .selectAll()
    .where("action", "=", action)
    .where("connection_id", "=", connection)
    .where("closed_at", "is", null)
    .orderBy("first_at")
    .limit(limit)
    .execute();
}

export async function closeNotices(trx: Db, ids: string[], at: string): Promise<void> {
  if (ids.length === 0) return;
  await trx
    .updateTable("finance_notices")
    .set({ closed_at: at })
    .where("id", "in", ids)
    .where("closed_at", "is", null)
    .execute();
}
