import { type ActionFunctionArgs, type LoaderFunctionArgs, redirect } from "@remix-run/node";
import { Link, useActionData, useLoaderData, useSearchParams } from "@remix-run/react";
import { z } from "zod";
import { CaseLines } from "#app/components/case-lines.tsx";
import { CaseSide } from "#app/components/case-side.tsx";
import { CaseTalk } from "#app/components/case-talk.tsx";
import { Compose, composeTabs } from "#app/components/compose.tsx";
import { Case } from "#app/components/desk.tsx";
import { DisputeMark } from "#app/components/dispute-mark.tsx";
import { StatusMark } from "#app/components/status-mark.tsx";
import { reasonWords } from "#app/components/words.ts";
import { useFreshPage } from "#app/live.tsx";
import { requireDesk, requireWorker } from "#app/console.server.ts";
import { found, submit } from "#app/http.server.ts";
import { eventRowsAfter } from "#db/queries/audit-log.ts";
import { ageingOf } from "#db/queries/customers.ts";
import { disputeOutcomes, findDispute } from "#db/queries/dispute-queue.ts";
import { headSequence } from "#db/queries/live.ts";
import { sentOnFor } from "#db/queries/outbox-log.ts";
import { DisputedLine, isOpen } from "#server/domain/dispute.ts";
import { InvoiceView } from "#server/domain/invoice.ts";
import { dayMs, plusMs } from "#server/domain/time.ts";
import { conversationOf } from "#server/finance/conversation.ts";
import { DisputeForm, doToDispute } from "#server/finance/dispute-form.ts";
import { responseClock, usedShare } from "#server/finance/response-clock.ts";
import { sentRow } from "#server/finance/sent-row.ts";

const longest = 2000;

export async function loader({ request, params, context }: LoaderFunctionArgs) {
  const { scope, now, today, supplier } = await requireDesk(request, context);
  const { db } = context;
  const sequence = await headSequence(db);
  const row = found(await findDispute(db, found(params.id)));
  const all = { after: 0, limit: longest };
  const events = await eventRowsAfter(db, { invoices: [row.invoice_id] }, all);
  const talk = conversationOf(events, row.id);
  const [sent, ageing, outcomes] = await Promise.all([
    sentOnFor(
      db,
      talk.map(({ sequence }) => sequence),
    ),
    row.customer_id === null ? [] : ageingOf(db, [row.customer_id], today),
    row.customer_id === null ? [] : disputeOutcomes(db, row.customer_id, plusMs(now, -365 * dayMs)),
  ]);
  return {
    sequence,
    invoiceId: row.invoice_id,
    dispute: {
      id: row.id,
      number: row.number,
      state: row.state,
      isOpen: isOpen(row.state),
      reason: row.reason,
      currency: row.currency,
      amount: row.amount,
      openedBy: row.opened_by,
      openedAt: row.opened_at,
      dueAt: row.first_response_due_at,
      processor: row.processor,
      customerReference: row.customer_reference,
      creditedAmount: row.credited_amount,
      creditExpected: row.credit_expected,
      lines: z.array(DisputedLine).parse(JSON.parse(row.lines)),
    },
    invoice: {
      number: row.invoice_number,
      status: row.status,
      owner: row.owner,
      total: row.total,
      paid: row.paid,
      due: row.due,
      dueOn: row.due_on,
      lines: InvoiceView.parse(JSON.parse(row.view)).lines,
    },
    customer: { id: row.customer_id, name: row.customer_name },
    supplier: supplier.name,
    clock: responseClock(row, now),
    used: usedShare(row, now),
    mayChange: scope.mayChange,
    isMine: row.processor === scope.name,
    talk,
    sent: sent.map(sentRow),
    ageing,
    outcomes,
  };
}

export async function action({ request, params, context }: ActionFunctionArgs) {
  const { actor, locale } = await requireWorker(request, context);
  const disputeId = found(params.id);
  return submit(request, DisputeForm, async (form) => {
    await doToDispute(context, actor, { form, disputeId, locale });
    const { search } = new URL(request.url);
    const query = new URLSearchParams(search);
    query.delete("write");
    const rest = query.toString();
    return redirect(`/finance/disputes/${disputeId}${rest === "" ? "" : `?${rest}`}`);
  });
}

export default function Dispute() {
  const data = useLoaderData<typeof loader>();
  const { dispute, invoice, customer } = data;
  useFreshPage(data.sequence, data.invoiceId);
  const refused = useActionData<typeof action>();
  const [search] = useSearchParams();
  const tabs = composeTabs({ isOpen: dispute.isOpen });
  const asked = refused?.values["do"] ?? search.get("write");
  const tab = tabs.find(({ key }) => key === asked)?.key ?? tabs[0]?.key ?? "note";
  return (
    <>
      <Case
        title={`${dispute.number}, ${reasonWords[dispute.reason].toLowerCase()}`}
        text={
          <>
            {customer.id === null ? (
              customer.name
            ) : (
              <Link to={`/finance/customers/${customer.id}`}>{customer.name}</Link>
            )}
            , invoice <b>{invoice.number}</b>
          </>
        }
        marks={
          <>
            <StatusMark status={invoice.status} />
            <DisputeMark state={dispute.state} reader="supplier" />
          </>
        }
      >
        <CaseLines dispute={dispute} invoice={invoice} />
        <section>
          <h3>Conversation</h3>
          <CaseTalk
            items={data.talk}
            customer={customer.name}
            supplier={data.supplier}
            currency={dispute.currency}
          />
        </section>
        {data.mayChange ? (
          <Compose key={dispute.state} tabs={tabs} tab={tab} dispute={dispute} refused={refused} />
        ) : (
          <p className="small faint">You read as an auditor and change nothing.</p>
        )}
      </Case>
      <CaseSide {...data} />
    </>
  );
}
