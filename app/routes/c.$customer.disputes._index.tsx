import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { Link, useLoaderData } from "@remix-run/react";
import type { ReactNode } from "react";
import { requireCustomer } from "#app/access/auth.server.ts";
import { ButtonLink } from "#app/ui/button.tsx";
import { Card, Cards } from "#app/ui/cards.tsx";
import { DisputeMark } from "#app/disputes/dispute-mark.tsx";
import { Pager, Tabs } from "#app/ui/filters.tsx";
import { LedgerTable, Row, RowLink, Td, Th } from "#app/ui/ledger-table.tsx";
import { Money } from "#app/ui/money.tsx";
import { EmptyState, Notice } from "#app/ui/notice.tsx";
import { PageHead } from "#app/ui/page.tsx";
import { When } from "#app/ui/when.tsx";
import { disputeWords, reasonWords } from "#app/words/words.ts";
import { useCustomerPath } from "#app/frame/customer-path.ts";
import { useFresh } from "#app/live/fresh.ts";
import { liveDisputes, type LiveDisputeRow } from "#app/live/live-disputes.ts";
import { useAnnouncement } from "#app/live/live-rows.ts";
import { useLive } from "#app/live/live.tsx";
import { isCreditPending } from "#domain/dispute.ts";
import { countDisputes, disputesOf, type Place } from "#db/queries/disputes-of.ts";
import { headSequence } from "#db/queries/live.ts";
import { invoiceNumberIn } from "#server/ledger/dispute-number.ts";

export const meta: MetaFunction = () => [{ title: "Disputes" }];

const perPage = 50;

export async function loader({ request, params, context }: LoaderFunctionArgs) {
  const scope = await requireCustomer({ request, params, context });
  const { searchParams } = new URL(request.url);
  const open = searchParams.get("view") !== "closed";
  const after = placeOf(searchParams.get("after"));
  // Before the rows: what happens between the two is then heard of again, and never missed.
  const sequence = await headSequence(context.db);
  const rows = await disputesOf(context.db, scope, { open, after, limit: perPage + 1 });
  const shown = rows.slice(0, perPage);
  const last = rows.length > perPage ? shown.at(-1) : undefined;
  const disputes = shown.map((row) => ({
    id: row.id,
    number: row.number,
    invoice: row.is_moved === 1 ? invoiceNumberIn(row.number) : row.invoice_number,
    state: row.state,
    reason: row.reason,
    amount: row.amount,
    creditedAmount: row.credited_amount,
    creditPending: isCreditPending(row, row),
    currency: row.currency,
    openedAt: row.opened_at,
    updatedAt: row.updated_at,
  }));
  return {
    sequence,
    open,
    disputes,
    isFirst: after === null,
    next: last ? `${last.rank}-${last.sequence}` : null,
    count: await countDisputes(context.db, scope),
  };
}

function placeOf(text: string | null): Place | null {
  const [, rank, sequence] = /^([01])-(\d{1,15})$/.exec(text ?? "") ?? [];
  return rank && sequence ? { rank: Number(rank), sequence: Number(sequence) } : null;
}

export default function Disputes() {
  const loaded = useLoaderData<typeof loader>();
  const heard = useLive(loaded.sequence);
  const fresh = useFresh(loaded, heard.findLast(({ disputes }) => disputes.length > 0)?.sequence);
  const { open } = loaded;
  const pathOf = useCustomerPath();
  // Where there was nothing, nothing can lose its place.
  const { disputes, sequence } = loaded.disputes.length === 0 ? fresh : loaded;
  const since = heard.filter((message) => message.sequence > sequence);
  const { rows, added } = liveDisputes(disputes, since);
  return (
    <>
      <PageHead title="Disputes" text={summaryOf(fresh.count)} />
      <Tabs
        label="Disputes"
        tabs={[
          { to: pathOf("/disputes"), label: "Open", count: fresh.count.open, current: open },
          { to: pathOf(closed), label: "Closed", current: !open },
        ]}
      />
      <p className="sr" aria-live="polite">
        {useAnnouncement(since)}
      </p>
      {open ? <Opened count={added} /> : null}
      {rows.length === 0 ? <Nothing open={open} /> : <List disputes={rows} isClosed={!open} />}
      <Pages />
    </>
  );
}

const closed = "/disputes?view=closed";

/** Nothing moves by itself: what is new is counted here, and the reader decides. */
function Opened({ count }: { count: number }) {
  const pathOf = useCustomerPath();
  if (count === 0) return null;
  return (
    <Notice
      title={`${count === 1 ? "1 new dispute" : `${count} new disputes`} since you opened this list`}
    >
      <Link to={pathOf("/disputes")} preventScrollReset>
        Sort again
      </Link>
    </Notice>
  );
}

/** Only where there is more than one page. */
function Pages() {
  const { open, isFirst, next, disputes } = useLoaderData<typeof loader>();
  const pathOf = useCustomerPath();
  if (isFirst && next === null) return null;
  const first = pathOf(open ? "/disputes" : closed);
  const behind = `${first}${open ? "?" : "&"}after=`;
  return (
    <Pager
      summary={disputes.length === 1 ? "1 dispute" : `${disputes.length} disputes`}
      first={isFirst ? null : first}
      next={next === null ? null : behind + next}
    />
  );
}

function summaryOf({ open, waiting }: { open: number; waiting: number }): string {
  if (open === 0) return "None is open.";
  const all = open === 1 ? "1 is open" : `${open} are open`;
  if (waiting === 0) return `${all}, none of them waits for you.`;
  return `${all}, ${waiting} ${waiting === 1 ? "waits" : "wait"} for your answer.`;
}

type Listed = LiveDisputeRow<ReturnType<typeof useLoaderData<typeof loader>>["disputes"][number]>;

/** What became of the disputed amount: nothing, a sum, or a sum that is still to come. */
function Credited({ dispute }: { dispute: Listed }) {
  const { creditedAmount, creditPending, currency } = dispute;
  if (creditedAmount === null) return <>–</>;
  return (
    <>
      <Money amount={creditedAmount} currency={currency} as="aligned" />
      {creditPending ? <small className="faint">credit note to come</small> : null}
    </>
  );
}

function List({ disputes, isClosed }: { disputes: readonly Listed[]; isClosed: boolean }) {
  const pathOf = useCustomerPath();
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
              {isClosed ? <Th numeric>Credited</Th> : null}
            </tr>
          </thead>
          <tbody>
            {disputes.map((dispute) => (
              <Row key={dispute.id} changed={dispute.change?.last ?? false}>
                <Td>
                  <RowLink to={pathOf(addressOf(dispute))} text={reasonWords[dispute.reason]}>
                    {dispute.number}
                  </RowLink>
                </Td>
                <Td>{dispute.invoice}</Td>
                <Td was={wasOf(dispute)}>
                  <DisputeMark state={dispute.state} reader="customer" />
                </Td>
                <Td tone="faint">
                  <When at={dispute.openedAt} />
                </Td>
                <Td changed={dispute.change !== null}>
                  <When at={dispute.updatedAt} />
                </Td>
                <Td numeric tone="faint">
                  {dispute.currency}
                </Td>
                <Td numeric tone="medium">
                  <Money amount={dispute.amount} currency={dispute.currency} as="aligned" />
                </Td>
                {isClosed ? (
                  <Td numeric tone="medium">
                    <Credited dispute={dispute} />
                  </Td>
                ) : null}
              </Row>
            ))}
          </tbody>
        </LedgerTable>
      </div>
      <Cards label="Disputes">
        {disputes.map((dispute) => (
          <Card
            key={dispute.id}
            to={pathOf(addressOf(dispute))}
            name={dispute.number}
            amount={<Money amount={dispute.amount} currency={dispute.currency} />}
            text={textOf(dispute)}
            status={<DisputeMark state={dispute.state} reader="customer" />}
            end={<When at={dispute.updatedAt} form="day" />}
            changed={dispute.change !== null}
          />
        ))}
      </Cards>
    </>
  );
}

/** On a phone the credit stands behind the reason. */
function textOf(dispute: Listed): ReactNode {
  const { reason, creditedAmount, currency } = dispute;
  if (creditedAmount === null) return reasonWords[reason];
  return (
    <>
      {reasonWords[reason]}, <Money amount={creditedAmount} currency={currency} /> credited
    </>
  );
}

function wasOf({ change }: Listed): string | undefined {
  return change?.was ? `was ${disputeWords[change.was]}` : undefined;
}

function addressOf({ number }: { number: string }): string {
  return `/disputes/${encodeURIComponent(number)}`;
}

function Nothing({ open }: { open: boolean }) {
  const pathOf = useCustomerPath();
  const text = "You open one on the page of its invoice.";
  return (
    <EmptyState title={open ? "No dispute is open" : "No dispute was closed yet"} text={text}>
      <ButtonLink to={pathOf("/invoices")}>Go to the invoices</ButtonLink>
    </EmptyState>
  );
}
