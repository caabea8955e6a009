import { type ActionFunctionArgs, type LoaderFunctionArgs, redirect } from "@remix-run/node";
import { Form, useLoaderData } from "@remix-run/react";
import { z } from "zod";
import { useAnswer } from "#app/ui/answer.ts";
import { Button } from "#app/ui/button.tsx";
import { WorkBody, WorkHead } from "#app/frame/console-frame.tsx";
import { counted } from "#app/ui/counted.ts";
import { Field } from "#app/ui/field.tsx";
import { LedgerTable, Row, RowLink, Td, Th } from "#app/ui/ledger-table.tsx";
import { ListPager } from "#app/ui/list-pager.tsx";
import { Money } from "#app/ui/money.tsx";
import { EmptyState } from "#app/ui/notice.tsx";
import { Block } from "#app/ui/page.tsx";
import { consoleTitle } from "#app/frame/console-title.ts";
import { requireDesk, requireWorker } from "#app/access/console.server.ts";
import { submit } from "#app/http/http.server.ts";
import { ageingOf, countCustomers, listCustomers } from "#db/queries/customers.ts";
import { createCustomer, CustomerForm } from "#server/customers/create-customer.ts";

const pageSize = 50;

export const meta = consoleTitle("Customers");
const Query = z.object({
  q: z.string().trim().max(100).catch(""),
  name: z.string().optional(),
  id: z.string().optional(),
});

export async function loader({ request, context }: LoaderFunctionArgs) {
  const { scope, today } = await requireDesk(request, context);
  const { q, name, id } = Query.parse(Object.fromEntries(new URL(request.url).searchParams));
  const after = name !== undefined && id !== undefined ? { name, id } : undefined;
  const rows = await listCustomers(context.db, { search: q, after, limit: pageSize + 1 });
  const customers = rows.slice(0, pageSize);
  const last = rows.length > pageSize ? customers.at(-1) : undefined;
  const ids = customers.map((customer) => customer.id);
  const sums = ids.length === 0 ? [] : await ageingOf(context.db, ids, today);
  const next = last && new URLSearchParams({ q, name: last.name, id: last.id }).toString();
  const count = await countCustomers(context.db, q);
  return { q, count, customers, sums, next: next ? `?${next}` : null, mayChange: scope.mayChange };
}

export async function action({ request, context }: ActionFunctionArgs) {
  const { actor } = await requireWorker(request, context);
  const { source } = actor;
  return submit(request, CustomerForm, async (form) =>
    redirect(`/finance/customers/${await createCustomer(context, source, form)}?done=created`),
  );
}

export default function Customers() {
  const { q, count, customers, sums, next, mayChange } = useLoaderData<typeof loader>();
  return (
    <>
      <WorkHead title="Customers" summary="Companies that sign in, and what they owe" />
      <WorkBody>
        <Form className="row searchline">
          <Field label="Search by name" name="q" type="search" defaultValue={q} />
          <Button>Search</Button>
        </Form>
        {customers.length === 0 ? (
          <EmptyState title="No customer of this name" text="Search for a part of the name." />
        ) : (
          <LedgerTable caption="Customers" stacked>
            <thead>
              <tr>
                <Th>Customer</Th>
                <Th numeric>People</Th>
                <Th numeric>Records</Th>
                <Th numeric>Not due</Th>
                <Th numeric>1–30 days</Th>
                <Th numeric>31–60</Th>
                <Th numeric>61–90</Th>
                <Th numeric>over 90</Th>
                <Th numeric>Open</Th>
              </tr>
            </thead>
            <tbody>
              {customers.map((customer) => (
                <Row key={customer.id}>
                  <Td phone="full">
                    <RowLink to={`/finance/customers/${customer.id}`}>{customer.name}</RowLink>
                  </Td>
                  <Td numeric phone="lead" label="People">
                    {customer.people}
                  </Td>
                  <Td numeric label="Records">
                    {customer.records}
                  </Td>
                  <Ageing sums={sums.filter((sum) => sum.customer_id === customer.id)} />
                </Row>
              ))}
            </tbody>
          </LedgerTable>
        )}
        <ListPager summary={`${customers.length} of ${counted(count, "customer")}`} next={next} />
        {mayChange ? <NewCustomer /> : null}
      </WorkBody>
    </>
  );
}

interface Sum {
  currency: string;
  open: number;
  late_1_30: number;
  late_31_60: number;
  late_61_90: number;
  late_over_90: number;
}

/** One line a currency in each cell, since currencies are never added up. */
function Ageing({ sums }: { sums: readonly Sum[] }) {
  const columns: [string, (sum: Sum) => number][] = [
    [
      "Not due",
      (sum) => sum.open - sum.late_1_30 - sum.late_31_60 - sum.late_61_90 - sum.late_over_90,
    ],
    ["1–30", (sum) => sum.late_1_30],
    ["31–60", (sum) => sum.late_31_60],
    ["61–90", (sum) => sum.late_61_90],
    ["over 90", (sum) => sum.late_over_90],
    ["Open", (sum) => sum.open],
  ];
  return columns.map(([label, amountOf]) => (
    <Td key={label} numeric label={label} phone={label === "Open" ? "full" : "hidden"}>
      {sums.length === 0 ? <span className="faint">–</span> : null}
      {sums.map((sum) => (
        <div key={sum.currency} className={amountOf(sum) === 0 ? "faint" : undefined}>
          <Money
            amount={amountOf(sum)}
            currency={sum.currency}
            as={label === "Open" ? "code" : "bare"}
          />
        </div>
      ))}
    </Td>
  ));
}

function NewCustomer() {
  const refused = useAnswer<typeof action>();
  return (
    <Block
      title="New customer"
      note="A company that will sign in. Its records are linked afterwards."
    >
      <Form method="post" className="row searchline">
        <input type="hidden" name="do" value="create" />
        <Field
          label="Company name"
          name="name"
          required
          maxLength={200}
          defaultValue={refused?.values["name"]}
          error={refused?.errors["name"]}
        />
        <Button look="main">Create customer</Button>
      </Form>
    </Block>
  );
}
