import {
  type ActionFunctionArgs,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { z } from "zod";
import { useAnswer } from "#app/ui/answer.ts";
import { requireCustomer, requireSession } from "#app/access/auth.server.ts";
import { ButtonLink } from "#app/ui/button.tsx";
import { FormError } from "#app/ui/form.tsx";
import { InvoiceFacts, InvoiceSum } from "#app/invoices/invoice-head.tsx";
import { LinePages } from "#app/invoices/line-pages.tsx";
import { lineSums } from "#app/invoices/line-sums.ts";
import { linesAsked } from "#app/invoices/lines-asked.server.ts";
import { DisputeFacts, Lines, Settled } from "#app/invoices/invoice-parts.tsx";
import { Notice } from "#app/ui/notice.tsx";
import { Block, PageHead, Split } from "#app/ui/page.tsx";
import { PromiseForm, StandingPromise } from "#app/invoices/promise-form.tsx";
import { Proof } from "#app/invoices/proof.tsx";
import { Reply, ReplyAbout, Talk } from "#app/disputes/talk.tsx";
import { Timeline, TimelineItem } from "#app/invoices/timeline.tsx";
import { WriteBacks } from "#app/outbox/write-backs.tsx";
import { useCustomerPath } from "#app/frame/customer-path.ts";
import { readerOf } from "#app/frame/frame.server.ts";
import { found, submit } from "#app/http/http.server.ts";
import { loadInvoicePage } from "#app/invoices/invoice-page.server.ts";
import { useKeptList } from "#app/invoices/kept-list.ts";
import { useAnnouncement } from "#app/live/live-rows.ts";
import { useFreshPage } from "#app/live/live.tsx";
import { useWas } from "#app/invoices/was.ts";
import { findInvoice } from "#db/queries/invoice-page.ts";
import { headSequence } from "#db/queries/live.ts";
import { isAsked } from "#domain/invoice-sums.ts";
import { customerPath } from "#domain/customer-path.ts";
import { comment, CommentForm } from "#server/disputes/comment.ts";
import { findFormerInvoice } from "#server/customers/former-invoice.ts";
import { lastPromiseDay } from "#domain/promise.ts";
import {
  PromiseForm as PromiseFields,
  promisePayment,
  withdrawPromise,
} from "#server/customers/promise-payment.ts";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: data ? `Invoice ${data.invoice.number}` : "Invoice" },
];

export async function loader({ request, params, context }: LoaderFunctionArgs) {
  const scope = await requireCustomer({ request, params, context });
  const sequence = await headSequence(context.db);
  const id = found(params["id"]);
  const own = await findInvoice(context.db, scope, id);
  const invoice = own ?? found(await findFormerInvoice(context, scope, id));
  const reader = await readerOf(context, await requireSession(request, context));
  const page = await loadInvoicePage(context, { scope, invoice, reader });
  return {
    ...page,
    lines: {
      ...linesAsked(request, invoice.view.lines),
      sums: lineSums(invoice.view.lines, invoice.row.total),
    },
    sequence,
    company: scope.customerName,
    me: scope.userId,
    lastDay: lastPromiseDay(reader.today),
    isMoved: own === undefined,
  };
}

const InvoiceForm = z.discriminatedUnion("do", [
  CommentForm.extend({ do: z.literal("comment") }),
  PromiseFields.extend({ do: z.literal("promise") }),
  z.object({ do: z.literal("withdraw_promise") }),
]);

export async function action({ request, params, context }: ActionFunctionArgs) {
  const scope = await requireCustomer({ request, params, context });
  const invoiceId = found(params["id"]);
  const { locale } = await readerOf(context, await requireSession(request, context));
  return submit(request, InvoiceForm, async (form) => {
    if (form.do === "comment") await comment(context, scope, { ...form, invoiceId });
    else if (form.do === "withdraw_promise") await withdrawPromise(context, scope, invoiceId);
    else await promisePayment(context, scope, { ...form, invoiceId, locale });
    return redirect(customerPath(scope.customerId, `/invoices/${encodeURIComponent(invoiceId)}`));
  });
}

export default function InvoicePage() {
  const page = useLoaderData<typeof loader>();
  const refused = useAnswer<typeof action>();
  const heard = useFreshPage(page.sequence, page.invoice.id);
  // What was heard shows at once; timeline and lines follow when the page has loaded again.
  const invoice = { ...page.invoice, ...heard.at(-1)?.invoice };
  const announced = useAnnouncement(heard);
  if (page.isMoved) return <Moved page={page} />;
  const refusedBy = (form: string) => (refused?.values["do"] === form ? refused : undefined);
  return (
    <>
      <p className="sr" aria-live="polite">
        {announced}
      </p>
      <Head {...page} invoice={invoice} refused={refusedBy("promise")} />
      <InvoiceSum invoice={invoice} disputes={page.disputes} was={useWas(invoice, heard)} />
      <InvoiceFacts invoice={invoice} />
      {refused ? <FormError>{refused.message}</FormError> : null}
      <Split
        first={page.disputes[0] ? <DisputeFacts dispute={page.disputes[0]} /> : undefined}
        aside={<Aside page={page} />}
      >
        {page.lines.place.all === 0 ? null : (
          <div id="lines">
            <Block title="Lines">
              <Lines invoice={invoice} lines={page.lines} disputes={page.disputes} />
              <LinePages place={page.lines.place} />
            </Block>
          </div>
        )}
        <Block title="Payments and credits">
          <Settled page={{ ...page, invoice }} />
        </Block>
        <Block title="Conversation" note="First answers take at most 3 working days">
          <Talk
            said={page.talk}
            company={page.company}
            supplier={page.supplier}
            disputes={page.disputes}
          />
          <Writing page={page} refused={refusedBy("comment")} />
        </Block>
        <History page={page} />
      </Split>
    </>
  );
}

type Page = ReturnType<typeof useLoaderData<typeof loader>>;
type Refused = { errors: Record<string, string>; values: Record<string, string> } | undefined;

/** Beside an invoice in dispute the words say which dispute they are about. */
function Writing({ page, refused }: { page: Page; refused: Refused }) {
  const { supplier, me, invoice } = page;
  const open = page.disputes.filter(({ isOpen }) => isOpen);
  const draft = `message ${me} ${invoice.id}`;
  const writing = {
    supplier,
    draft,
    error: refused?.errors["text"],
    text: refused?.values["text"],
  };
  if (open.length === 0) return <Reply {...writing} />;
  return <ReplyAbout {...writing} disputes={open} chosen={refused?.values["disputeId"]} />;
}

/** It is another customer's by now: what was said before stays, and nothing can be done about it. */
function Moved({ page }: { page: Page }) {
  const pathOf = useCustomerPath();
  return (
    <>
      <PageHead
        title={<bdi>{page.invoice.number}</bdi>}
        back={{ to: pathOf("/invoices"), label: "Invoices" }}
      />
      <Notice title="This invoice is no longer yours">
        {page.supplier} moved it to another customer record. Nothing is due from you. What you wrote
        about it stays here; the other customer does not read it.
      </Notice>
      <Block title="Conversation">
        <Talk said={page.talk} company={page.company} supplier={page.supplier} />
      </Block>
      <History page={page} />
    </>
  );
}

function Head({
  invoice,
  promise,
  lastDay,
  refused,
}: Pick<Page, "invoice" | "promise" | "lastDay"> & { refused: Refused }) {
  const pathOf = useCustomerPath();
  const standing = promise?.state === "made" ? promise : null;
  const po = invoice.references.find(({ kind }) => kind === "po")?.value;
  const { description } = invoice;
  const text = (
    <>
      {description ? <bdi>{description}</bdi> : null}
      {description && po ? ". " : null}
      {po ? (
        <>
          Your PO <bdi>{po}</bdi>
        </>
      ) : null}
    </>
  );
  return (
    <PageHead
      title={<bdi>{invoice.number}</bdi>}
      text={description || po ? text : undefined}
      back={{ to: useKeptList(pathOf("/invoices")), label: "Invoices" }}
      actions={
        isAsked(invoice) ? (
          <>
            {invoice.due > 0 ? (
              <PromiseForm {...invoice} {...{ lastDay, standing, refused }} />
            ) : null}
            <ButtonLink to={pathOf(`/invoices/${invoice.id}/dispute`)}>Dispute</ButtonLink>
          </>
        ) : undefined
      }
    />
  );
}

function Aside({ page }: { page: Page }) {
  const { invoice, promise } = page;
  return (
    <>
      {page.disputes.slice(1).map((dispute) => (
        <section key={dispute.id}>
          <DisputeFacts dispute={dispute} />
        </section>
      ))}
      <WriteBacks page={page} />
      {promise !== null && invoice.due > 0 ? (
        <StandingPromise promise={promise} currency={invoice.currency} />
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
