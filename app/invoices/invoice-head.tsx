import { daysBetween } from "#app/ui/days.ts";
import { isAsked, partsOfTotal, settledShare } from "#domain/invoice-sums.ts";
import type { Was } from "./was.ts";
import type { loadInvoicePage } from "./invoice-page.server.ts";
import { DisputeMark } from "#app/disputes/dispute-mark.tsx";
import { Facts } from "#app/ui/facts.tsx";
import { MoneyBar } from "./money-bar.tsx";
import { Figure, Money } from "#app/ui/money.tsx";
import { useReader } from "#app/ui/reader.ts";
import { StatusMark } from "#app/ui/status-mark.tsx";
import { When } from "#app/ui/when.tsx";
import { invoiceDisputeWords, wordsOverNothing } from "#app/words/words.ts";

type Page = Awaited<ReturnType<typeof loadInvoicePage>>;
type Invoice = Page["invoice"];

/** The amount, its marks, what became of the total, and the way to pay what is not disputed. */
export function InvoiceSum({
  invoice,
  disputes,
  was,
}: {
  invoice: Invoice;
  disputes: Page["disputes"];
  was: Was | null;
}) {
  const { today } = useReader();
  const { currency, due, dueOn, status } = invoice;
  const { asked, ...given } = partsOfTotal(invoice, invoice.otherwise);
  const open = disputes.filter(({ isOpen }) => isOpen);
  const inDispute = open.reduce((sum, { amount }) => sum + amount, 0);
  const disputed = Math.min(inDispute, asked);
  const payable = asked - disputed;
  return (
    <>
      <div className="sum">
        <div>
          <Figure
            label={labelOf(invoice)}
            amount={due}
            currency={currency}
            faint={!isAsked(invoice)}
            changed={was !== null}
          />
          <p className="was-figure">
            {was === null ? null : <WasSum was={was} currency={currency} />}
          </p>
          <p className="marks">
            <StatusMark
              status={status}
              paid={invoice.paid}
              settledShare={settledShare(invoice)}
              lateDays={dueOn === null ? 0 : daysBetween(dueOn, today)}
            >
              {wordsOverNothing(invoice)}
            </StatusMark>
            <DisputeMark state={invoice.dispute} reader="customer">
              {invoiceDisputeWords[invoice.dispute]}
            </DisputeMark>
          </p>
        </div>
        {invoice.payUrl !== null && payable > 0 ? (
          <Pay url={invoice.payUrl} {...{ payable, currency }} part={disputed > 0} />
        ) : null}
      </div>
      <MoneyBar {...given} {...{ currency, disputed, payable }} />
    </>
  );
}

/** What it was until when; its line is always there, so that nothing moves. */
function WasSum({ was, currency }: { was: Was; currency: string }) {
  const at = <When at={was.at} form="clock_second" />;
  if (was.due === null) return <>changed at {at}</>;
  return (
    <>
      was <Money amount={was.due} currency={currency} /> until {at}
    </>
  );
}

function labelOf(invoice: Invoice): string {
  if (!isAsked(invoice)) return "Nothing to pay";
  return invoice.due < 0 ? "Credit" : "Amount due";
}

/** Beside the amount; on a phone fixed above the tab bar. The page it leads to is the supplier's. */
function Pay({
  url,
  payable,
  currency,
  part,
}: {
  url: string;
  payable: number;
  currency: string;
  part: boolean;
}) {
  const words = (
    <span>
      Pay <Money amount={payable} currency={currency} />
    </span>
  );
  const look = "btn btn--main btn--big btn--wide";
  return (
    <>
      <div className="stack wide-only">
        <a className={look} href={url} rel="noopener noreferrer">
          {words}
        </a>
        {part ? <p className="tiny faint">The undisputed part.</p> : null}
      </div>
      <div className="paybar">
        <a className={look} href={url} rel="noopener noreferrer">
          {words}
        </a>
      </div>
    </>
  );
}

/** Total, dates and references under an ink line, and which system they come from. */
export function InvoiceFacts({ invoice }: { invoice: Invoice }) {
  const { currency, total, dueOn, issuedOn } = invoice;
  return (
    <Facts
      facts={[
        { term: "Total", value: <Money amount={total} currency={currency} /> },
        { term: "Due date", value: dueOn === null ? "–" : <When at={dueOn} form="date" /> },
        { term: "Issued", value: issuedOn === null ? "–" : <When at={issuedOn} form="date" /> },
        ...invoice.references.slice(0, 3).map(({ kind, value }) => ({
          term: referenceWords[kind],
          value: <bdi>{value}</bdi>,
        })),
        {
          term: "Known from",
          value: invoice.owner,
          note: <AsOf at={invoice.toldAt} isOwnerSilent={invoice.isOwnerSilent} />,
        },
      ]}
    />
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

function AsOf({ at, isOwnerSilent }: { at: string | null; isOwnerSilent: boolean }) {
  return (
    <>
      {at === null ? null : (
        <>
          as of <When at={at} zone />
        </>
      )}
      {isOwnerSilent ? <span className="question">, the system is silent now</span> : null}
    </>
  );
}
