import {
  type ActionFunctionArgs,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";
import { useState } from "react";
import { requireCustomer, requireSession } from "#app/auth.server.ts";
import { DisputeFields } from "#app/components/dispute-form.tsx";
import { type Fact, Pairs } from "#app/components/facts.tsx";
import { Money } from "#app/components/money.tsx";
import { PageHead, Split } from "#app/components/page.tsx";
import { useCustomerPath } from "#app/customer-path.ts";
import type { Picked } from "#app/picked.ts";
import { readerOf } from "#app/frame.server.ts";
import { found, submit } from "#app/http.server.ts";
import { findInvoice } from "#db/queries/invoice-page.ts";
import { readSupplier } from "#db/queries/settings.ts";
import { customerPath } from "#server/domain/customer-path.ts";
import { DisputeForm, openDispute } from "#server/portal/open-dispute.ts";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: data ? `Dispute ${data.invoice.number}` : "Dispute" },
];

export async function loader({ request, params, context }: LoaderFunctionArgs) {
  const scope = await requireCustomer({ request, params, context });
  const { row, view } = found(await findInvoice(context.db, scope, found(params["id"])));
  const { id, number, currency, total, paid, credited, due } = row;
  const { name: supplier } = await readSupplier(context.db);
  const sums = { total, paid, credited, due };
  return { invoice: { id, number, currency, ...sums, lines: view.lines }, supplier };
}

export async function action({ request, params, context }: ActionFunctionArgs) {
  const scope = await requireCustomer({ request, params, context });
  const { locale } = await readerOf(context, await requireSession(request, context));
  return submit(request, DisputeForm, async (form) => {
    const about = { invoiceId: found(params["id"]), locale };
    const number = await openDispute(context, scope, { ...form, ...about });
    return redirect(customerPath(scope.customerId, `/disputes/${encodeURIComponent(number)}`));
  });
}

export default function DisputeInvoice() {
  const { invoice, supplier } = useLoaderData<typeof loader>();
  const refused = useActionData<typeof action>();
  const pathOf = useCustomerPath();
  const [picked, setPicked] = useState<Picked | null>(null);
  const money = (amount: number) => <Money amount={amount} currency={invoice.currency} />;
  return (
    <>
      <PageHead
        title={`Dispute ${invoice.number}`}
        text={
          <>
            Total {money(invoice.total)},{" "}
            {invoice.due > 0 ? <>{money(invoice.due)} still due</> : "nothing of it still due"}.
            Reminders stop for the disputed part only.
          </>
        }
        back={{ to: pathOf(`/invoices/${invoice.id}`), label: invoice.number }}
      />
      <Split
        aside={
          <>
            <section>
              <h2>What this does</h2>
              <Pairs lined facts={effectOf(invoice, picked)} />
            </section>
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
          </>
        }
      >
        <DisputeFields {...{ invoice, supplier, refused, picked }} onPick={setPicked} />
      </Split>
    </>
  );
}

type Invoice = ReturnType<typeof useLoaderData<typeof loader>>["invoice"];

/** What is disputed and what stays to be paid, as far as the form tells by now. */
function effectOf({ currency, due, paid, credited }: Invoice, picked: Picked | null): Fact[] {
  const money = (amount: number) => <Money amount={amount} currency={currency} />;
  const settled = { term: "Already paid", value: money(paid + credited) };
  const amount = picked?.amount ?? null;
  if (amount === null) return [settled, { term: "Still due", value: money(due) }];
  return [
    { term: "In dispute", value: <span className="medium">{money(amount)}</span> },
    settled,
    { term: "Stays payable", value: money(Math.max(due - amount, 0)) },
  ];
}
