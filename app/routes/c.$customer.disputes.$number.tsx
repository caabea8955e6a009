import {
  type ActionFunctionArgs,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from "@remix-run/node";
import { Link, useLoaderData } from "@remix-run/react";
import { z } from "zod";
import { useAnswer } from "#app/ui/answer.ts";
import { requireCustomer, requireSession } from "#app/access/auth.server.ts";
import { Button } from "#app/ui/button.tsx";
import { DisputeMark } from "#app/disputes/dispute-mark.tsx";
import { DisputedLines } from "#app/disputes/disputed-lines.tsx";
import { type Fact, Pairs } from "#app/ui/facts.tsx";
import { FormError } from "#app/ui/form.tsx";
import { Money } from "#app/ui/money.tsx";
import { Block, PageHead, Split } from "#app/ui/page.tsx";
import { PostForm } from "#app/ui/post-form.tsx";
import { Reply, Talk } from "#app/disputes/talk.tsx";
import { WriteBacks } from "#app/outbox/write-backs.tsx";
import { When } from "#app/ui/when.tsx";
import { reasonWords } from "#app/words/words.ts";
import { useCustomerPath } from "#app/frame/customer-path.ts";
import { readerOf } from "#app/frame/frame.server.ts";
import { found, submit } from "#app/http/http.server.ts";
import { loadInvoicePage, shownDispute } from "#app/invoices/invoice-page.server.ts";
import { useFreshPage } from "#app/live/live.tsx";
import { findDispute } from "#db/queries/disputes-of.ts";
import { findInvoice, namesBehind } from "#db/queries/invoice-page.ts";
import { headSequence } from "#db/queries/live.ts";
import { linesOf } from "#app/disputes/lines-of.ts";
import { customerPath } from "#domain/customer-path.ts";
import { lastPart } from "#app/http/last-part.server.ts";
import { comment, CommentForm } from "#server/disputes/comment.ts";
import { findFormerInvoice } from "#server/customers/former-invoice.ts";
import { withdrawDispute, WithdrawForm } from "#server/disputes/withdraw-dispute.ts";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: data ? `Dispute ${data.dispute.number}` : "Dispute" },
];

export async function loader({ request, params, context }: LoaderFunctionArgs) {
  const scope = await requireCustomer({ request, params, context });
  const { db } = context;
  const sequence = await headSequence(db);
  const row = found(await findDispute(db, scope, lastPart(request)));
  const isMoved = row.is_moved === 1;
  const invoice = found(
    isMoved
      ? await findFormerInvoice(context, scope, row.invoice_id)
      : await findInvoice(db, scope, row.invoice_id),
  );
  const session = await requireSession(request, context);
  const reader = await readerOf(context, session);
  const page = await loadInvoicePage(context, { scope, invoice, reader });
  const { supplier, talk, writeBacks } = page;
  const dispute = shownDispute(row, invoice.row, await namesBehind(db, [row.opened_by]));
  return {
    sequence,
    supplier,
    company: scope.customerName,
    me: scope.userId,
    dispute,
    invoice: page.invoice,
    lines: linesOf(dispute, invoice.view.lines),
    isMoved,
    talk: talk.filter(({ disputeId }) => disputeId === row.id),
    writeBacks: writeBacks.filter(({ disputeId }) => disputeId === row.id),
  };
}

const DisputeAction = z.discriminatedUnion("do", [
  CommentForm.pick({ text: true }).extend({ do: z.literal("comment") }),
  WithdrawForm.extend({ do: z.literal("withdraw") }),
]);

export async function action({ request, params, context }: ActionFunctionArgs) {
  const scope = await requireCustomer({ request, params, context });
  const number = lastPart(request);
  return submit(request, DisputeAction, async (form) => {
    if (form.do === "withdraw") await withdrawDispute(context, scope, { ...form, number });
    else {
      const dispute = found(await findDispute(context.db, scope, number));
      const about = { invoiceId: dispute.invoice_id, disputeId: dispute.id };
      await comment(context, scope, { ...about, text: form.text });
    }
    return redirect(customerPath(scope.customerId, `/disputes/${encodeURIComponent(number)}`));
  });
}

export default function DisputePage() {
  const { dispute, invoice, supplier, company, ...page } = useLoaderData<typeof loader>();
  const refused = useAnswer<typeof action>();
  const pathOf = useCustomerPath();
  useFreshPage(page.sequence, invoice.id);
  const isMine = dispute.state === "waiting_for_customer";
  return (
    <>
      <PageHead
        title={`Dispute ${dispute.number}`}
        text={<Summary />}
        back={{ to: pathOf("/disputes"), label: "Disputes" }}
        actions={<DisputeMark state={dispute.state} reader="customer" />}
      />
      {isMine ? (
        <div className="offer">
          <p>
            <span className="strong">{supplier} asked you something.</span> Your answer gives the
            dispute back to them.
          </p>
          <a className="btn btn--main" href="#reply">
            Answer
          </a>
        </div>
      ) : null}
      {refused ? <FormError>{refused.message}</FormError> : null}
      <Split
        first={<DisputeSide />}
        aside={<WriteBacks page={{ writeBacks: page.writeBacks, invoice }} />}
      >
        {dispute.lines.length === 0 ? null : (
          <Block title="What is disputed">
            <DisputedLines dispute={dispute} lines={page.lines} />
          </Block>
        )}
        <Block title="Conversation">
          <Talk said={page.talk} company={company} supplier={supplier} />
          <Reply
            supplier={supplier}
            draft={`message ${page.me} ${dispute.id}`}
            error={refused?.errors["text"]}
            text={refused?.values["text"]}
          />
        </Block>
      </Split>
    </>
  );
}

/** "Price incorrect on line 3 of KA-104731, EUR 598.22 in dispute." */
function Summary() {
  const { dispute, invoice, lines: told } = useLoaderData<typeof loader>();
  const pathOf = useCustomerPath();
  const places = told.map(({ number }) => number);
  const lines = places.length === 1 ? "line" : "lines";
  const part = places.length === 0 ? "" : `${lines} ${places.join(", ")} of `;
  const was = dispute.isOpen ? "in dispute" : "was in dispute";
  return (
    <>
      {reasonWords[dispute.reason]} on {part}
      <Link to={pathOf(`/invoices/${invoice.id}`)}>{invoice.number}</Link>
      {dispute.whole ? " as a whole" : null},{" "}
      <Money amount={dispute.amount} currency={dispute.currency} /> {was}.
    </>
  );
}

function DisputeSide() {
  const { dispute, invoice, isMoved } = useLoaderData<typeof loader>();
  const { currency, creditedAmount } = dispute;
  const facts: Fact[] = [
    { term: "Opened by", value: dispute.openedBy },
    { term: "Opened", value: <When at={dispute.openedAt} zone /> },
  ];
  if (dispute.customerReference) {
    facts.push({ term: "Your reference", value: dispute.customerReference });
  }
  if (dispute.isOpen && dispute.answerDueAt) {
    facts.push({ term: "First answer by", value: <When at={dispute.answerDueAt} zone /> });
  }
  if (dispute.closedAt) facts.push({ term: "Closed", value: <When at={dispute.closedAt} zone /> });
  if (creditedAmount !== null) {
    const term = dispute.creditPending ? "Credit note to come" : "Credited";
    facts.push({ term, value: <Money amount={creditedAmount} currency={currency} /> });
  }
  if (!isMoved) {
    facts.push({ term: "Invoice due", value: <Money amount={invoice.due} currency={currency} /> });
  }
  return (
    <>
      <h2>This dispute</h2>
      <Pairs facts={facts} />
      {dispute.isOpen ? <Withdraw isDue={invoice.due > 0} /> : null}
    </>
  );
}

/** Asked twice, because it ends the dispute; without JavaScript too. */
function Withdraw({ isDue }: { isDue: boolean }) {
  return (
    <details className="withdrawal">
      <summary>Withdraw the dispute</summary>
      <PostForm className="stack withdraw">
        <input type="hidden" name="do" value="withdraw" />
        <p className="small soft">
          {isDue ? "The amount becomes payable again. " : null}The record of it stays.
        </p>
        <Button look="danger" width="full">
          Withdraw it now
        </Button>
      </PostForm>
    </details>
  );
}
