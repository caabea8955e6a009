import { closeNotices } from "#db/queries/finance-notices.ts";
import { InvoiceView } from "#domain/invoice.ts";
import type { Context } from "#server/context.ts";
import { dayMs, roughMs, toInstant } from "#domain/time.ts";
import { tellFinance } from "#server/ledger/notices.ts";
import { recordIn } from "#server/ledger/record.ts";

/** The owner has this long to book what another connection received (design, section 3, rule 4). */
const bookedWithinMs = 10 * dayMs;
const atOnce = 500;

/**
 * Tells finance of money that a connection received and the owner of the invoice has not booked in time,
 * and closes what was booked since. Gives the number of invoices that it told of.
 */
export async function tellUnbooked(context: Context): Promise<number> {
  await closeBooked(context);
  const now = toInstant(context.clock());
  let told = 0;
  for (let after = ""; ;) {
    const rows = await context.db
      .selectFrom("invoices")
      .select(["id", "view"])
      .where("id", ">", after)
      .where("view", "like", '%"booked":false%')
      .orderBy("id")
      .limit(atOnce)
      .execute();
    for (const { id, view } of rows) told += (await tell(context, id, { view, now })) ? 1 : 0;
    const last = rows.at(-1);
    if (!last || rows.length < atOnce) return told;
    after = last.id;
  }
}

async function tell(
  context: Context,
  invoice: string,
  { view, now }: { view: string; now: string },
): Promise<boolean> {
  const { payments, unbooked } = InvoiceView.parse(JSON.parse(view));
  const late = payments.filter(
    ({ booked, stage, occurredAt }) =>
      !booked &&
      (stage === "received" || stage === "refunded") &&
      Date.parse(now) - roughMs(occurredAt) > bookedWithinMs,
  );
  const [first] = late;
  if (!first) return false;
  const known = await context.db
    .selectFrom("finance_notices")
    .select("details")
    .where("id", "=", `payment_unbooked:${first.connection}:${invoice}`)
    .executeTakeFirst();
  const sumOf = (wanted: string) =>
    late.reduce((sum, { stage, amount }) => (stage === wanted ? sum + amount : sum), 0);
  // What the owner does not ask for is not counted as unbooked, and yet somebody received it.
  const details = { amount: unbooked || sumOf("received"), refunded: sumOf("refunded") };
  // What was told once is not told each day, whether or not somebody has closed it.
  if (known?.details === JSON.stringify(details)) return false;
  const events = await context.writer.transaction().execute(async (trx) => {
    const place = { invoice, toldAt: now, delivery: null, receivedAt: now, now };
    const drafts = await tellFinance(trx, [{ action: "payment_unbooked", details }], {
      ...place,
      connection: { id: first.connection },
    });
    const source = { kind: "scheduler", job: "unbooked" } as const;
    return (await recordIn(trx, context, { kind: "portal", source, drafts })).events;
  });
  context.committed.publish(events);
  return true;
}

async function closeBooked(context: Context): Promise<void> {
  const open = await context.db
    .selectFrom("finance_notices")
    .innerJoin("invoices", "invoices.id", "finance_notices.invoice_id")
    .select(["finance_notices.id", "invoices.view"])
    .where("action", "=", "payment_unbooked")
    .where("closed_at", "is", null)
    .limit(atOnce)
    .execute();
  const booked = open.filter(({ view }) => !view.includes('"booked":false'));
  if (booked.length === 0) return;
  const ids = booked.map(({ id }) => id);
  await context.writer
    .transaction()
    .execute((trx) => closeNotices(trx, ids, toInstant(context.clock())));
}
