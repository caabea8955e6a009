import type { AppLoadContext } from "@remix-run/node";
import { z } from "zod";
import { eventRowsAfter } from "#db/queries/audit-log.ts";
import { ageingOf } from "#db/queries/customers.ts";
import { disputeOutcomes, findDispute, QueueView } from "#db/queries/dispute-queue.ts";
import { namesBehind } from "#db/queries/invoice-page.ts";
import { sentOnFor } from "#db/queries/outbox-log.ts";
import { DisputedLine, isCreditPending, isOpen } from "#domain/dispute.ts";
import { InvoiceView } from "#domain/invoice.ts";
import { dayMs, plusMs } from "#domain/time.ts";
import { conversationOf, rootCauseOf } from "#server/disputes/conversation.ts";
import { responseClock, usedShare } from "#server/disputes/response-clock.ts";
import { sentRow } from "#server/outbox/sent-row.ts";
import type { Desk } from "#app/access/console.server.ts";
import { linesOf } from "./lines-of.ts";
import { found } from "#app/http/http.server.ts";

const longest = 2000;

const QueueQuery = z.object({
  view: QueueView.catch("all"),
  q: z.string().trim().max(100).catch(""),
  after: z
    .string()
    .regex(/^[01]~[^~]+~[^~]+$/)
    .optional()
    .catch(undefined),
});

/** The part of the queue that an address asks for; `asked` is what `disputeQueue` needs beside a limit. */
export function readQueue(request: Request, { scope, now }: Desk) {
  const { view, q, after } = QueueQuery.parse(
    Object.fromEntries(new URL(request.url).searchParams),
  );
  const [rank = "", dueAt = "", id = ""] = after?.split("~") ?? [];
  const page = { view, userId: scope.userId, now, search: q };
  return {
    view,
    q,
    after: after ?? null,
    asked: after === undefined ? page : { ...page, after: { rank: Number(rank), dueAt, id } },
  };
}

/** Everything that the desk shows of one dispute. Throws 404 when there is none of this id. */
export async function loadCase({ db }: AppLoadContext, desk: Desk, id: string) {
  const { scope, now, today, supplier } = desk;
  const row = found(await findDispute(db, id));
  const all = { after: 0, limit: longest };
  const events = await eventRowsAfter(db, { invoices: [row.invoice_id] }, all);
  const told = conversationOf(events, row.id);
  const rootCause = rootCauseOf(events, row.id);
  const sequences = told.map((said) => said.sequence);
  const customer = row.customer_id;
  const authors = told.map(({ author }) => author);
  const nameOf = await namesBehind(db, [row.owner, row.opened_by, ...authors]);
  const [sent, ageing, outcomes] = await Promise.all([
    sentOnFor(db, sequences),
    customer === null ? [] : ageingOf(db, [customer], today),
    customer === null ? [] : disputeOutcomes(db, customer, plusMs(now, -365 * dayMs)),
  ]);
  const dispute = shownDispute(row, nameOf);
  return {
    dispute: { ...dispute, rootCause },
    invoice: {
      number: row.invoice_number,
      status: row.status,
      owner: nameOf(row.owner),
      total: row.total,
      paid: row.paid,
      due: row.due,
      dueOn: row.due_on,
      lines: linesOf(dispute, InvoiceView.parse(JSON.parse(row.view)).lines),
    },
    customer: { id: customer, name: row.customer_name },
    supplier: supplier.name,
    clock: responseClock(row, now),
    used: usedShare(row, now),
    mayChange: scope.mayChange,
    isMine: row.processor_id === scope.userId,
    talk: told.map((said) => ({ ...said, author: nameOf(said.author) })),
    sent: sent.map(sentRow),
    ageing,
    outcomes,
  };
}

function shownDispute(
  row: NonNullable<Awaited<ReturnType<typeof findDispute>>>,
  nameOf: (author: string) => string,
) {
  return {
    id: row.id,
    number: row.number,
    state: row.state,
    isOpen: isOpen(row.state),
    reason: row.reason,
    currency: row.currency,
    amount: row.amount,
    openedBy: nameOf(row.opened_by),
    openedAt: row.opened_at,
    dueAt: row.first_response_due_at,
    processor: row.processor_name,
    processorId: row.processor_id,
    customerReference: row.customer_reference,
    creditedAmount: row.credited_amount,
    isCreditPending: isCreditPending(row, row),
    lines: z.array(DisputedLine).parse(JSON.parse(row.lines)),
  };
}
