import type { ReactNode } from "react";
import { useCustomerPath } from "#app/frame/customer-path.ts";
import { dayCount, daysBetween } from "#app/ui/days.ts";
import type { ShownInvoice } from "./invoice-list.server.ts";
import type { Change, LiveListRow } from "#app/live/live-rows.ts";
import { Card, Cards } from "#app/ui/cards.tsx";
import { DisputeMark } from "#app/disputes/dispute-mark.tsx";
import { Row, RowLink, Td } from "#app/ui/ledger-table.tsx";
import { Money, moneyText } from "#app/ui/money.tsx";
import { useReader } from "#app/ui/reader.ts";
import { StatusMark } from "#app/ui/status-mark.tsx";
import { timeText, When } from "#app/ui/when.tsx";
import { settledShare } from "#domain/invoice-sums.ts";
import { invoiceDisputeWords, statusWord, wordsOverNothing } from "#app/words/words.ts";

type ListRow = LiveListRow<ShownInvoice>;

/** A row of the wide list: number, PO number, dates, marks and both amounts. */
export function InvoiceRow({ invoice }: { invoice: ListRow }) {
  const { change, currency } = invoice;
  const pathOf = useCustomerPath();
  return (
    <Row changed={change === null ? false : change.last}>
      <Td>
        <RowLink to={pathOf(`/invoices/${invoice.id}`)} text={invoice.description ?? ""}>
          <bdi>{invoice.number}</bdi>
        </RowLink>
      </Td>
      <Td>
        <bdi className="ledger__ref" title={invoice.po ?? undefined}>
          {invoice.po}
        </bdi>
      </Td>
      <Td tone="faint">{invoice.issuedOn ? <When at={invoice.issuedOn} form="day" /> : "–"}</Td>
      <Td>{invoice.dueOn ? <When at={invoice.dueOn} form="day" /> : "–"}</Td>
      <StatusCell invoice={invoice} />
      <Td numeric tone="faint">
        {currency}
      </Td>
      <Td numeric tone="soft">
        <Money amount={invoice.total} currency={currency} as="aligned" />
      </Td>
      <Td
        numeric
        tone={invoice.due === 0 ? "faint" : "medium"}
        was={
          change === null || change.due === null ? undefined : (
            <WasDue change={change} currency={currency} />
          )
        }
      >
        <Money amount={invoice.due} currency={currency} as="aligned" />
      </Td>
    </Row>
  );
}

function StatusCell({ invoice }: { invoice: ListRow }) {
  const was = useWas(invoice.change);
  return (
    <Td was={was ?? undefined}>
      <Status invoice={invoice} />
      {was === null || invoice.dispute !== "none" ? (
        <small>
          <Second invoice={invoice} />
        </small>
      ) : null}
    </Td>
  );
}

/** The same rows below 56 rem. */
export function InvoiceCards({ label, rows }: { label: string; rows: readonly ListRow[] }) {
  return (
    <Cards label={label}>
      {rows.map((invoice) => (
        <InvoiceCard key={invoice.id} invoice={invoice} />
      ))}
    </Cards>
  );
}

function InvoiceCard({ invoice }: { invoice: ListRow }) {
  const { today } = useReader();
  const was = useWas(invoice.change);
  const { due, dueOn, currency } = invoice;
  const pathOf = useCustomerPath();
  const late = dueOn !== null && invoice.status === "overdue" ? daysBetween(dueOn, today) : 0;
  const when = dueOn === null ? null : <When at={dueOn} form="day" />;
  const amount = due === 0 ? invoice.total : due;
  return (
    <Card
      to={pathOf(`/invoices/${invoice.id}`)}
      name={<bdi>{invoice.number}</bdi>}
      amount={<Money amount={amount} currency={currency} />}
      text={<bdi>{invoice.description}</bdi>}
      reference={
        invoice.po === null ? undefined : (
          <>
            PO <bdi>{invoice.po}</bdi>
          </>
        )
      }
      status={
        <>
          <StatusMark
            status={invoice.status}
            paid={invoice.paid}
            settledShare={settledShare(invoice)}
          >
            {wordsOverNothing(invoice)}
          </StatusMark>
          {invoice.dispute === "none" ? null : (
            <>
              <br />
              <Dispute invoice={invoice} />
            </>
          )}
          {was === null ? null : <span className="was card__was">{was}</span>}
          {invoice.change === null || invoice.change.due === null ? null : (
            <span className="was card__was">
              <WasDue change={invoice.change} currency={currency} />
            </span>
          )}
        </>
      }
      end={
        due < 0
          ? "credit"
          : due === 0
            ? "nothing due"
            : late > 0
              ? `${dayCount(late)} late`
              : when && <>due {when}</>
      }
      changed={invoice.change !== null}
    />
  );
}

function Status({ invoice }: { invoice: ListRow }) {
  const { today } = useReader();
  const late = invoice.dueOn === null ? 0 : daysBetween(invoice.dueOn, today);
  return (
    <StatusMark
      status={invoice.status}
      paid={invoice.paid}
      settledShare={settledShare(invoice)}
      lateDays={late}
    >
      {wordsOverNothing(invoice)}
    </StatusMark>
  );
}

function Dispute({ invoice }: { invoice: ListRow }) {
  return (
    <DisputeMark state={invoice.dispute} reader="customer">
      {invoiceDisputeWords[invoice.dispute]}
    </DisputeMark>
  );
}

/** What the second line of the status says: a dispute before a promise before a date. */
function Second({ invoice }: { invoice: ListRow }): ReactNode {
  const { today, locale } = useReader();
  const { promise, dueOn, currency } = invoice;
  if (invoice.dispute !== "none") return <Dispute invoice={invoice} />;
  if (invoice.due < 0) return "credit";
  if (promise && invoice.due > 0) {
    const day = <When at={promise.promisedOn} form="day" />;
    if (promise.state === "broken") return <span className="late">promise of {day} not kept</span>;
    return <>promised for {day}</>;
  }
  if (invoice.status === "partially_paid") {
    const [settled, total] = [invoice.total - invoice.due, invoice.total].map((amount) =>
      moneyText({ amount, currency }, locale).replace(/^\S+\u00a0/, ""),
    );
    return `${settled} of ${total}`;
  }
  const days = dueOn === null || invoice.status !== "open" ? -1 : daysBetween(today, dueOn);
  if (days === 0) return "due today";
  return days > 0 ? `in ${dayCount(days)}` : "\u00a0";
}

function useWas(change: Change | null): string | null {
  const reader = useReader();
  if (!change || (change.status === null && change.dispute === null)) return null;
  const was = change.status
    ? statusWord({ status: change.status, paid: change.paid })
    : invoiceDisputeWords[change.dispute ?? "none"];
  return `was ${was} until ${timeText(change.at, "clock_second", reader)}`;
}

function WasDue({ change, currency }: { change: Change; currency: string }) {
  return (
    <>
      was <Money amount={change.due ?? 0} currency={currency} as="bare" />
    </>
  );
}
