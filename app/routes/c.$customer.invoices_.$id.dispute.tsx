import {
  type ActionFunctionArgs,
  type LoaderFunctionArgs,
  type MetaFunction,
  data,
  redirect,
} from "@remix-run/node";
import { type ShouldRevalidateFunction, useLoaderData } from "@remix-run/react";
import { useMemo, useState } from "react";
import { z } from "zod";
import { useAnswer } from "#app/ui/answer.ts";
import { requireCustomer, requireSession } from "#app/access/auth.server.ts";
import { ButtonLink } from "#app/ui/button.tsx";
import { DisputeFields } from "#app/disputes/dispute-form.tsx";
import { type Fact, Pairs } from "#app/ui/facts.tsx";
import { Money } from "#app/ui/money.tsx";
import { EmptyState, Notice } from "#app/ui/notice.tsx";
import { PageHead, Split } from "#app/ui/page.tsx";
import { useCustomerPath } from "#app/frame/customer-path.ts";
import { loadDisputable } from "#app/disputes/disputable.server.ts";
import { asItWas, asksForLines, heldLines } from "#app/disputes/turn-lines.server.ts";
import type { Picked } from "#app/disputes/picked.ts";
import { readerOf } from "#app/frame/frame.server.ts";
import { found, submit } from "#app/http/http.server.ts";
import { useFreshPage } from "#app/live/live.tsx";
import { findInvoice } from "#db/queries/invoice-page.ts";
import { readSupplier } from "#db/queries/settings.ts";
import { customerPath } from "#domain/customer-path.ts";
import { wholeAmount } from "#domain/disputed-amount.ts";
import { settledOtherwise } from "#domain/invoice-sums.ts";
import { DisputeForm, openDispute } from "#server/disputes/open-dispute.ts";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: data ? `Dispute ${data.invoice.number}` : "Dispute" },
];

/** A form that was refused because the invoice changed shows the invoice as it is now. */
export const shouldRevalidate: ShouldRevalidateFunction = (told) =>
  told.defaultShouldRevalidate || told.actionStatus === 409;

export async function loader({ request, params, context }: LoaderFunctionArgs) {
  const scope = await requireCustomer({ request, params, context });
  const disputable = found(
    await loadDisputable(context, { scope, id: found(params["id"]), request }),
  );
  const { name: supplier } = await readSupplier(context.db);
  return { ...disputable, supplier, me: scope.userId };
}

export async function action({ request, params, context }: ActionFunctionArgs) {
  const scope = await requireCustomer({ request, params, context });
  const { locale } = await readerOf(context, await requireSession(request, context));
  const { row, view } = found(await findInvoice(context.db, scope, found(params["id"])));
  const answer = asksForLines(request)
    ? await submit(request, z.looseObject({}), async (form) => asItWas(form))
    : await submit(request, DisputeForm, async (form) => {
        const about = { invoiceId: row.id, locale };
        const number = await openDispute(context, scope, { ...form, ...about });
        return redirect(customerPath(scope.customerId, `/disputes/${encodeURIComponent(number)}`));
      });
  if (!("data" in answer)) return answer;
  const held = heldLines(request, view.lines, answer.data);
  return data({ ...answer.data, held }, answer.init ?? {});
}

type Page = ReturnType<typeof useLoaderData<typeof loader>>;

export default function DisputeInvoice() {
  const { sequence, invoice: loaded, open, supplier, me } = useLoaderData<typeof loader>();
  const refused = useAnswer<typeof action>();
  const held = refused?.held;
  const invoice = useMemo(
    () => ({ ...loaded, lines: [...(held ?? []), ...loaded.lines] }),
    [loaded, held],
  );
  const pathOf = useCustomerPath();
  const [picked, setPicked] = useState<Picked | null>(null);
  useFreshPage(sequence, invoice.id);
  const taken = useMemo(
    () =>
      new Map(open.flatMap(({ number, lines }) => lines.map((line) => [line, number] as const))),
    [open],
  );
  const block = blockOf({ invoice, open });
  // What is half written stays on the screen, whatever happens meanwhile.
  const [began, setBegan] = useState(block === null);
  if (!began && block === null) setBegan(true);
  const draft = `dispute ${me} ${invoice.id}`;
  return (
    <>
      <PageHead
        title={`Dispute ${invoice.number}`}
        text={<Sums invoice={invoice} />}
        back={{ to: pathOf(`/invoices/${invoice.id}`), label: invoice.number }}
      />
      {began ? <Changed invoice={invoice} /> : null}
      {began && block ? <Notice tone="late" title={block.title} /> : null}
      {block !== null && !began ? (
        <Blocked block={block} invoice={invoice} />
      ) : (
        <Split
          first={
            <>
              <h2>What this does</h2>
              <Pairs lined facts={effectOf({ invoice, open, picked })} />
            </>
          }
          aside={<Expected />}
        >
          <DisputeFields
            {...{ invoice, taken, supplier, refused, picked, draft }}
            onPick={setPicked}
          />
        </Split>
      )}
    </>
  );
}

function Sums({ invoice: { total, due, currency } }: { invoice: Page["invoice"] }) {
  const money = (amount: number) => <Money amount={amount} currency={currency} />;
  return (
    <>
      Total {money(total)}, {due > 0 ? <>{money(due)} still due</> : "nothing of it still due"}.
      Reminders stop for the disputed part only.
    </>
  );
}

function Expected() {
  return (
    <section>
      <h2>What you can expect</h2>
      <Pairs
        lined
        facts={[
          { term: "First answer", value: "within 3 working days" },
          { term: "Reminders", value: "stop for the disputed part" },
          { term: "You are told", value: "of every step, and of the outcome" },
        ]}
      />
    </section>
  );
}

/** Says that the invoice is another one than when the form was opened. */
function Changed({ invoice }: { invoice: Page["invoice"] }) {
  const [first] = useState(invoice);
  const { currency } = invoice;
  if (wholeAmount(first) !== wholeAmount(invoice) || first.due !== invoice.due) {
    return (
      <Notice title="The invoice changed while this form was open.">
        <span>
          Still due was <Money amount={first.due} currency={currency} />, now it is{" "}
          <Money amount={invoice.due} currency={currency} />.
        </span>
      </Notice>
    );
  }
  if (first.linesMark === invoice.linesMark) return null;
  return <Notice title="The lines changed while this form was open: look at them again." />;
}

interface Block {
  title: string;
  /** The dispute that is in the way. */
  number: string | null;
}

/** Why no dispute can be opened now, or null. */
function blockOf({ invoice, open }: Pick<Page, "invoice" | "open">): Block | null {
  if (invoice.status === "void") {
    return { title: "This invoice was voided: there is nothing to dispute.", number: null };
  }
  const all = open.find(({ lines }) => lines.length === 0);
  if (all) return { title: `${all.number} is still open about this invoice.`, number: all.number };
  const [first] = open;
  if (!first || !invoice.isAllTaken) return null;
  return { title: "Every line of this invoice is in dispute already.", number: first.number };
}

function Blocked({ block, invoice }: { block: Block; invoice: Page["invoice"] }) {
  const pathOf = useCustomerPath();
  const { title, number } = block;
  return (
    <EmptyState
      title={title}
      text={
        number === null
          ? "Nothing is asked for it any more."
          : "Write there what else is wrong, or open another dispute once it is closed."
      }
    >
      {number === null ? null : (
        <ButtonLink look="main" to={pathOf(`/disputes/${encodeURIComponent(number)}`)}>
          Go to {number}
        </ButtonLink>
      )}
      <ButtonLink to={pathOf(`/invoices/${invoice.id}`)}>Back to {invoice.number}</ButtonLink>
    </EmptyState>
  );
}

/** What is disputed and what stays to be paid, as far as the form tells by now. */
function effectOf({
  invoice,
  open,
  picked,
}: Pick<Page, "invoice" | "open"> & { picked: Picked | null }): Fact[] {
  const { currency, due, paid, credited } = invoice;
  const otherwise = settledOtherwise(invoice);
  const money = (amount: number) => <Money amount={amount} currency={currency} />;
  const others = open.reduce((sum, { amount }) => sum + amount, 0);
  const amount = picked?.amount ?? null;
  const settled = [{ term: "Already paid", value: money(paid) }];
  if (credited !== 0) settled.push({ term: "Already credited", value: money(credited) });
  if (otherwise !== 0) settled.push({ term: "Settled otherwise", value: money(otherwise) });
  if (others > 0) settled.push({ term: "In dispute already", value: money(others) });
  if (amount === null) return [...settled, { term: "Still due", value: money(due) }];
  return [
    { term: "In dispute", value: <span className="medium">{money(amount)}</span> },
    ...settled,
    { term: "Stays payable", value: money(Math.max(due - others - amount, 0)) },
  ];
}
