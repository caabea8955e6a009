import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { requireCustomer } from "#app/auth.server.ts";
import { ButtonLink } from "#app/components/button.tsx";
import { Card, Cards } from "#app/components/cards.tsx";
import { DisputeMark } from "#app/components/dispute-mark.tsx";
import { Tabs } from "#app/components/filters.tsx";
import { LedgerTable, Row, RowLink, Td, Th } from "#app/components/ledger-table.tsx";
import { Money } from "#app/components/money.tsx";
import { EmptyState } from "#app/components/notice.tsx";
import { PageHead } from "#app/components/page.tsx";
import { When } from "#app/components/when.tsx";
import { reasonWords } from "#app/components/words.ts";
import { countDisputes, disputesOf } from "#db/queries/disputes-of.ts";

export const meta: MetaFunction = () => [{ title: "Disputes" }];

const limit = 200;

export async function loader({ request, context }: LoaderFunctionArgs) {
  const scope = await requireCustomer(request, context);
  const open = new URL(request.url).searchParams.get("view") !== "closed";
  const rows = await disputesOf(context.db, scope, { open, limit });
  const disputes = rows.map((row) => ({
    id: row.id,
    number: row.number,
    invoice: row.invoice_number,
    state: row.state,
    reason: row.reason,
    amount: row.amount,
    currency: row.currency,
    openedAt: row.opened_at,
    updatedAt: row.updated_at,
  }));
  return { open, disputes, count: await countDisputes(context.db, scope) };
}

export default function Disputes() {
  const { open, disputes, count } = useLoaderData<typeof loader>();
  return (
    <>
      <PageHead title="Disputes" text={summaryOf(count)} />
      <Tabs
        label="Disputes"
        tabs={[
          { to: "/disputes", label: "Open", count: count.open, current: open },
          { to: "/disputes?view=closed", label: "Closed", current: !open },
        ]}
      />
      {disputes.length === 0 ? <Nothing open={open} /> : <List disputes={disputes} />}
    </>
  );
}

function summaryOf({ open, waiting }: { open: number; waiting: number }): string {
  if (open === 0) return "None is open.";
  const all = open === 1 ? "1 is open" : `${open} are open`;
  if (waiting === 0) return `${all}, none of them waits for you.`;
  return `${all}, ${waiting} ${waiting === 1 ? "waits" : "wait"} for your answer.`;
}

type Listed = ReturnType<typeof useLoaderData<typeof loader>>["disputes"];

function List({ disputes }: { disputes: Listed }) {
  return (
    <>
      <div className="wide-only">
        <LedgerTable mixed caption="Disputes">
          <thead>
            <tr>
              <Th>Dispute</Th>
              <Th>Invoice</Th>
              <Th>State</Th>
              <Th>Opened</Th>
              <Th>Last change</Th>
              <Th numeric>
                <span className="sr">Currency</span>
              </Th>
              <Th numeric>Disputed</Th>
            </tr>
          </thead>
          <tbody>
            {disputes.map((dispute) => (
              <Row key={dispute.id}>
                <Td>
                  <RowLink to={pathOf(dispute)} text={reasonWords[dispute.reason]}>
                    {dispute.number}
                  </RowLink>
                </Td>
                <Td>{dispute.invoice}</Td>
                <Td>
                  <DisputeMark state={dispute.state} reader="customer" />
                </Td>
                <Td tone="faint">
                  <When at={dispute.openedAt} />
                </Td>
                <Td>
                  <When at={dispute.updatedAt} />
                </Td>
                <Td numeric tone="faint">
                  {dispute.currency}
                </Td>
                <Td numeric tone="medium">
                  <Money amount={dispute.amount} currency={dispute.currency} as="aligned" />
                </Td>
              </Row>
            ))}
          </tbody>
        </LedgerTable>
      </div>
      <Cards label="Disputes">
        {disputes.map((dispute) => (
          <Card
            key={dispute.id}
            to={pathOf(dispute)}
            name={dispute.number}
            amount={<Money amount={dispute.amount} currency={dispute.currency} />}
            text={reasonWords[dispute.reason]}
            status={<DisputeMark state={dispute.state} reader="customer" />}
            end={<When at={dispute.updatedAt} form="day" />}
          />
        ))}
      </Cards>
    </>
  );
}

function pathOf({ number }: { number: string }): string {
  return `/disputes/${encodeURIComponent(number)}`;
}

function Nothing({ open }: { open: boolean }) {
  const text = "You open one on the page of its invoice.";
  return (
    <EmptyState title={open ? "No dispute is open" : "No dispute was closed yet"} text={text}>
      <ButtonLink to="/invoices">Go to the invoices</ButtonLink>
    </EmptyState>
  );
}
