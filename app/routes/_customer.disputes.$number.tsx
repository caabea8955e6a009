import {
  type ActionFunctionArgs,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from "@remix-run/node";
import { Form, useActionData, useLoaderData } from "@remix-run/react";
import { z } from "zod";
import { requireCustomer, requireSession } from "#app/auth.server.ts";
import { Button } from "#app/components/button.tsx";
import { DisputeMark } from "#app/components/dispute-mark.tsx";
import { Pairs } from "#app/components/facts.tsx";
import { FormError } from "#app/components/form.tsx";
import { Lines, WriteBacks } from "#app/components/invoice-parts.tsx";
import { Figure, Money } from "#app/components/money.tsx";
import { Block, PageHead, Split } from "#app/components/page.tsx";
import { Reply, Talk } from "#app/components/talk.tsx";
import { When } from "#app/components/when.tsx";
import { reasonWords } from "#app/components/words.ts";
import { readerOf } from "#app/frame.server.ts";
import { found, submit } from "#app/http.server.ts";
import { loadInvoicePage, shownDispute } from "#app/invoice-page.server.ts";
import { useFreshPage } from "#app/live.tsx";
import { findDispute } from "#db/queries/disputes-of.ts";
import { findInvoice } from "#db/queries/invoice-page.ts";
import { headSequence } from "#db/queries/live.ts";
import { readSupplier } from "#db/queries/settings.ts";
import { comment, CommentForm } from "#server/portal/comment.ts";
import { withdrawDispute, WithdrawForm } from "#server/portal/withdraw-dispute.ts";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: data ? `Dispute ${data.dispute.number}` : "Dispute" },
];

export async function loader({ request, params, context }: LoaderFunctionArgs) {
  const scope = await requireCustomer(request, context);
  const { db } = context;
  const sequence = await headSequence(db);
  const row = found(await findDispute(db, scope, found(params["number"])));
  const invoice = found(await findInvoice(db, scope, row.invoice_id));
  const session = await requireSession(request, context);
  const page = await loadInvoicePage(context, invoice, await readerOf(context, session));
  const { name: supplier } = await readSupplier(db);
  const comments = page.comments.filter(({ dispute_id }) => dispute_id === row.id);
  const dispute = shownDispute(row, row.credited);
  const { writeBacks } = page;
  return {
    sequence,
    supplier,
    company: scope.customerName,
    dispute,
    invoice: page.invoice,
    comments,
    writeBacks,
  };
}

const DisputeAction = z.discriminatedUnion("do", [
  CommentForm.pick({ text: true }).extend({ do: z.literal("comment") }),
  WithdrawForm.extend({ do: z.literal("withdraw") }),
]);

export async function action({ request, params, context }: ActionFunctionArgs) {
  const scope = await requireCustomer(request, context);
  const number = found(params["number"]);
  return submit(request, DisputeAction, async (form) => {
    if (form.do === "withdraw") await withdrawDispute(context, scope, { ...form, number });
    else {
      const dispute = found(await findDispute(context.db, scope, number));
      const about = { invoiceId: dispute.invoice_id, disputeId: dispute.id };
      await comment(context, scope, { ...about, text: form.text });
    }
    return redirect(`/disputes/${encodeURIComponent(number)}`);
  });
}

export default function DisputePage() {
  const { dispute, invoice, supplier, company, ...page } = useLoaderData<typeof loader>();
  const refused = useActionData<typeof action>();
  useFreshPage(page.sequence, invoice.id);
  const opened = {
    id: dispute.id,
    side: dispute.openedSide,
    author: dispute.openedBy,
    text: dispute.message,
    occurred_at: dispute.openedAt,
  };
  const lines = invoice.lines.filter(({ id }) => dispute.lines.some(({ lineId }) => lineId === id));
  const total = lines.reduce((sum, line) => sum + (line.total ?? line.net ?? 0), 0);
  return (
    <>
      <PageHead
        title={`Dispute ${dispute.number}`}
        text={reasonWords[dispute.reason]}
        back={{ to: `/invoices/${invoice.id}`, label: invoice.number }}
      />
      <div className="sum">
        <div>
          <Figure label="In dispute" amount={dispute.amount} currency={dispute.currency} />
          <p className="marks">
            <DisputeMark state={dispute.state} reader="customer" />
          </p>
        </div>
      </div>
      {refused ? <FormError>{refused.message}</FormError> : null}
      <Split
        first={<DisputeSide />}
        aside={<WriteBacks page={{ writeBacks: page.writeBacks, invoice }} />}
      >
        {lines.length === 0 ? null : (
          <Block title="Lines in dispute">
            <Lines invoice={{ ...invoice, lines, total }} disputes={[dispute]} />
          </Block>
        )}
        <Block title="Conversation">
          <Talk comments={[opened, ...page.comments]} company={company} supplier={supplier} />
          {dispute.answer === null || dispute.isOpen ? null : <Outcome />}
          <Reply
            supplier={supplier}
            sent={page.comments.length}
            error={refused?.errors["text"]}
            text={refused?.values["text"]}
          />
        </Block>
        {dispute.isOpen ? <Withdraw /> : null}
      </Split>
    </>
  );
}

function DisputeSide() {
  const { dispute, invoice } = useLoaderData<typeof loader>();
  const { currency, creditedAmount } = dispute;
  const facts = [
    { term: "Invoice due", value: <Money amount={invoice.due} currency={currency} /> },
    { term: "Opened", value: <When at={dispute.openedAt} zone /> },
    { term: "By", value: dispute.openedBy },
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
  return (
    <>
      <h2>This dispute</h2>
      <Pairs facts={facts} />
    </>
  );
}

function Outcome() {
  const { dispute, supplier } = useLoaderData<typeof loader>();
  return (
    <p className="talk__text">
      <span className="medium">{supplier}: </span>
      {dispute.answer}
    </p>
  );
}

function Withdraw() {
  return (
    <Block title="Withdraw it">
      <Form method="post" className="stack">
        <input type="hidden" name="do" value="withdraw" />
        <p className="small soft">The amount becomes payable again. The record of it stays.</p>
        <Button look="danger">Withdraw the dispute</Button>
      </Form>
    </Block>
  );
}
