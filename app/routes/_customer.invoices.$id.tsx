import {
  type ActionFunctionArgs,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";
import { z } from "zod";
import { requireCustomer, requireSession } from "#app/auth.server.ts";
import { ButtonLink } from "#app/components/button.tsx";
import { DisputeMark } from "#app/components/dispute-mark.tsx";
import { Facts } from "#app/components/facts.tsx";
import { FormError } from "#app/components/form.tsx";
import { DisputeFacts, Lines, Proof, Settled, WriteBacks } from "#app/components/invoice-parts.tsx";
import { MoneyBar } from "#app/components/money-bar.tsx";
import { Figure, Money } from "#app/components/money.tsx";
import { Block, PageHead, Split } from "#app/components/page.tsx";
import { PromiseForm } from "#app/components/promise-form.tsx";
import { useReader } from "#app/components/reader.ts";
import { StatusMark } from "#app/components/status-mark.tsx";
import { Reply, Talk } from "#app/components/talk.tsx";
import { Timeline, TimelineItem } from "#app/components/timeline.tsx";
import { When } from "#app/components/when.tsx";
import { invoiceDisputeWords } from "#app/components/words.ts";
import { daysBetween } from "#app/days.ts";
import { readerOf } from "#app/frame.server.ts";
import { found, submit } from "#app/http.server.ts";
import { loadInvoicePage } from "#app/invoice-page.server.ts";
import { useAnnouncement } from "#app/live-rows.ts";
import { useFreshPage } from "#app/live.tsx";
import { findInvoice } from "#db/queries/invoice-page.ts";
import { headSequence } from "#db/queries/live.ts";
import { readSupplier } from "#db/queries/settings.ts";
import { comment, CommentForm } from "#server/portal/comment.ts";
import { PromiseForm as PromiseFields, promisePayment } from "#server/portal/promise-payment.ts";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: data ? `Invoice ${data.invoice.number}` : "Invoice" },
];

export async function loader({ request, params, context }: LoaderFunctionArgs) {
  const scope = await requireCustomer(request, context);
  const sequence = await headSequence(context.db);
  const invoice = found(await findInvoice(context.db, scope, found(params["id"])));
  const session = await requireSession(request, context);
  const page = await loadInvoicePage(context, invoice, await readerOf(context, session));
  const { name: supplier } = await readSupplier(context.db);
  return { ...page, sequence, supplier, company: scope.customerName };
}

const InvoiceForm = z.discriminatedUnion("do", [
  CommentForm.extend({ do: z.literal("comment") }),
  PromiseFields.extend({ do: z.literal("promise") }),
]);

export async function action({ request, params, context }: ActionFunctionArgs) {
  const scope = await requireCustomer(request, context);
  const invoiceId = found(params["id"]);
  const { locale } = await readerOf(context, await requireSession(request, context));
  return submit(request, InvoiceForm, async (form) => {
    if (form.do === "comment") await comment(context, scope, { ...form, invoiceId });
    else await promisePayment(context, scope, { ...form, invoiceId, locale });
    return redirect(`/invoices/${encodeURIComponent(invoiceId)}`);
  });
}

export default function InvoicePage() {
  const page = useLoaderData<typeof loader>();
  const refused = useActionData<typeof action>();
  const heard = useFreshPage(page.sequence, page.invoice.id);
  // What was heard shows at once; timeline and lines follow when the page has loaded again.
  const invoice = { ...page.invoice, ...heard.at(-1)?.invoice };
  const refusedBy = (form: string) => (refused?.values["do"] === form ? refused : undefined);
  const sent = page.comments.length;
  return (
    <>
      <p className="sr" aria-live="polite">
        {useAnnouncement(heard)}
      </p>
      <Head invoice={invoice} />
      <Sum invoice={invoice} disputes={page.disputes} />
      {refused ? <FormError>{refused.message}</FormError> : null}
      <Split
        first={page.disputes[0] ? <DisputeFacts dispute={page.disputes[0]} /> : undefined}
        aside={<Aside page={page} refused={refusedBy("promise")} />}
      >
        {invoice.lines.length === 0 ? null : (
          <Block title="Lines">
            <Lines invoice={invoice} disputes={page.disputes} />
          </Block>
        )}
        <Block title="Payments and credits">
          <Settled page={{ ...page, invoice }} />
        </Block>
        <Block title="Conversation" note="First answers take at most 3 working days">
          <Talk comments={page.comments} company={page.company} supplier={page.supplier} />
          <Reply
            supplier={page.supplier}
            sent={sent}
            error={refusedBy("comment")?.errors["text"]}
            text={refusedBy("comment")?.values["text"]}
          />
        </Block>
        <History page={page} />
      </Split>
    </>
  );
}

type Page = ReturnType<typeof useLoaderData<typeof loader>>;

function Head({ invoice }: { invoice: Page["invoice"] }) {
  const po = invoice.references.find(({ kind }) => kind === "po")?.value;
  const text = [invoice.description, po && `Your PO ${po}`].filter(Boolean).join(". ");
  const disputable = invoice.status !== "void";
  return (
    <PageHead
      title={<bdi>{invoice.number}</bdi>}
      text={text === "" ? undefined : text}
      back={{ to: "/invoices", label: "Invoices" }}
      actions={
        <>
          {invoice.due > 0 && disputable ? (
            <a className="btn" href="#promise">
              Promise a date
            </a>
          ) : null}
          {disputable ? (
            <ButtonLink to={`/invoices/${invoice.id}/dispute`}>Dispute</ButtonLink>
          ) : null}
        </>
      }
    />
  );
}

function Sum({ invoice, disputes }: Pick<Page, "invoice" | "disputes">) {
  const { today } = useReader();
  const { currency, due, dueOn, paid, credited, total } = invoice;
  const open = disputes.filter(({ isOpen }) => isOpen);
  const asked = Math.max(due, 0);
  const disputed = Math.min(
    open.reduce((sum, { amount }) => sum + amount, 0),
    asked,
  );
  const payable = asked - disputed;
  return (
    <>
      <div className="sum">
        <div>
          <Figure label={due < 0 ? "Credit" : "Amount due"} amount={due} currency={currency} />
          <p className="marks">
            <StatusMark
              status={invoice.status}
              paidShare={total === 0 ? 0 : (paid + credited) / total}
              lateDays={dueOn === null ? 0 : daysBetween(dueOn, today)}
            />
            <DisputeMark state={invoice.dispute} reader="customer">
              {invoiceDisputeWords[invoice.dispute]}
            </DisputeMark>
          </p>
        </div>
        {invoice.payUrl !== null && payable > 0 ? (
          <div className="stack">
            <a className="btn btn--main btn--big btn--wide" href={invoice.payUrl} rel="noreferrer">
              Pay <Money amount={payable} currency={currency} />
            </a>
            {disputed > 0 ? <p className="tiny faint">The undisputed part.</p> : null}
          </div>
        ) : null}
      </div>
      <MoneyBar {...{ currency, paid, credited, disputed, payable }} />
      <Facts
        facts={[
          { term: "Total", value: <Money amount={total} currency={currency} /> },
          { term: "Due date", value: dueOn === null ? "–" : <When at={dueOn} form="date" /> },
          {
            term: "Issued",
            value: invoice.issuedOn === null ? "–" : <When at={invoice.issuedOn} form="date" />,
          },
          ...invoice.references.slice(0, 3).map(({ kind, value }) => ({
            term: referenceWords[kind],
            value: <bdi>{value}</bdi>,
          })),
          { term: "Known from", value: invoice.owner, note: <AsOf at={invoice.updatedAt} /> },
        ]}
      />
    </>
  );
}

const referenceWords = {
  po: "PO number",
  job: "Job",
  work_order: "Work order",
  delivery: "Delivery",
  quotation: "Quotation",
  contract: "Contract",
  project: "Project",
  other: "Reference",
};

function AsOf({ at }: { at: string }) {
  return (
    <>
      as of <When at={at} zone />
    </>
  );
}

function Aside({
  page,
  refused,
}: {
  page: Page;
  refused: { errors: Record<string, string>; values: Record<string, string> } | undefined;
}) {
  const { invoice, promise } = page;
  return (
    <>
      {page.disputes.slice(1).map((dispute) => (
        <section key={dispute.id}>
          <DisputeFacts dispute={dispute} />
        </section>
      ))}
      <WriteBacks page={page} />
      {invoice.due > 0 && invoice.status !== "void" ? (
        <PromiseForm due={invoice.due} currency={invoice.currency} {...{ promise, refused }} />
      ) : null}
      <Proof page={page} />
    </>
  );
}

function History({ page }: { page: Page }) {
  const note = "Large: when it happened. Small: when the portal learned it. Newest record first.";
  return (
    <Block title="Timeline" note={note}>
      <Timeline>
        {page.timeline.map(({ sentence, ...event }) => (
          <TimelineItem key={event.sequence} {...event}>
            {sentence}
          </TimelineItem>
        ))}
      </Timeline>
    </Block>
  );
}
