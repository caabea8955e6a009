import type { loadInvoicePage } from "./invoice-page.server.ts";
import type { Line } from "#domain/change.ts";
import { comparedBy } from "#domain/disputed-amount.ts";
import { ButtonLink } from "#app/ui/button.tsx";
import { decimalText } from "#domain/typed-number.ts";
import { decimalPoint } from "#app/ui/intl.ts";
import { DisputeMark, DisputeShape } from "#app/disputes/dispute-mark.tsx";
import { Pairs } from "#app/ui/facts.tsx";
import { useCustomerPath } from "#app/frame/customer-path.ts";
import type { Sum } from "./line-sums.ts";
import { LedgerTable, Th } from "#app/ui/ledger-table.tsx";
import { Money } from "#app/ui/money.tsx";
import { useReader } from "#app/ui/reader.ts";
import { When } from "#app/ui/when.tsx";
import { reasonWords } from "#app/words/words.ts";

type Page = Awaited<ReturnType<typeof loadInvoicePage>>;
type Invoice = Page["invoice"];
type Dispute = Page["disputes"][number];

/** The lines of an invoice; a line in dispute says what the customer thinks correct. */
export function Lines({
  invoice,
  lines: { shown, sums },
  disputes,
}: {
  invoice: Invoice;
  /** A page of them, and the sums of all. */
  lines: { shown: readonly Line[]; sums: readonly Sum[] };
  disputes: readonly Dispute[];
}) {
  const { currency } = invoice;
  const { locale } = useReader();
  return (
    <LedgerTable plain stacked caption="Lines">
      <thead>
        <tr>
          <Th>Work</Th>
          <Th numeric>Quantity</Th>
          <Th numeric>Price</Th>
          <Th numeric>{currency}</Th>
        </tr>
      </thead>
      <tbody>
        {shown.map((line) => (
          <LineRow key={line.id} line={line} currency={currency} disputes={disputes} />
        ))}
      </tbody>
      <tfoot>
        {sums.map((sum) => (
          <SumRow
            key={sum.label}
            sub
            {...sum}
            label={sum.label.replace(".", decimalPoint(locale))}
            currency={currency}
          />
        ))}
        <SumRow label="Total" amount={invoice.total} currency={currency} />
      </tfoot>
    </LedgerTable>
  );
}

function LineRow({
  line,
  currency,
  disputes,
}: {
  line: Line;
  currency: string;
  disputes: readonly Dispute[];
}) {
  const dispute = disputes.find(
    ({ isOpen, lines }) => isOpen && lines.some(({ lineId }) => lineId === line.id),
  );
  const correct = dispute?.lines.find(({ lineId }) => lineId === line.id)?.correctValue;
  const amount = line.net ?? line.total;
  const isQuantity = dispute !== undefined && comparedBy(dispute.reason) === "quantity";
  const { locale } = useReader();
  const said = (told: string | undefined) => told && decimalText(told, locale);
  const thought = said(correct);
  const quantity = said(line.quantity);
  const price = said(line.unitPrice);
  const rate = line.taxRate && decimalText(line.taxRate.replace(/\.0+$/, ""), locale);
  return (
    <tr>
      <td className="full">
        <bdi>{line.description}</bdi>
        {rate ? <small>VAT {rate} %</small> : null}
        {dispute === undefined ? null : (
          <small>
            <span className="mark mark--d-waiting">
              <DisputeShape state={dispute.state} />
              {thought ? `disputed: ${thought} thought correct` : "disputed"}
            </span>
          </small>
        )}
      </td>
      <td className="num lead">
        {quantity} <bdi>{line.unit}</bdi>
        {price ? <span className="phone-only"> × {price}</span> : null}
        {thought && isQuantity ? <span className="right-value">{thought}</span> : null}
      </td>
      <td className="num wide-only">
        {price}
        {thought && !isQuantity ? <span className="right-value">{thought}</span> : null}
      </td>
      <td className="num">
        {amount === undefined ? "–" : <Money amount={amount} currency={currency} as="bare" />}
      </td>
    </tr>
  );
}

function SumRow({
  label,
  amount,
  currency,
  sub,
}: {
  label: string;
  amount: number;
  currency: string;
  sub?: true;
}) {
  return (
    <tr className={sub && "sub"}>
      <th scope="row" colSpan={3}>
        {label}
      </th>
      <td className="num">
        <Money amount={amount} currency={currency} as="bare" />
      </td>
    </tr>
  );
}

const stageWords = {
  pending: "on its way",
  received: "",
  failed: "failed, counts nothing",
  refunded: "refunded",
  reversed: "taken back",
};

const creditWords = {
  credit_note: "Credit note",
  discount: "Discount",
  correction: "Correction",
};

/** Payments and credits; one that only a contributor told is said to be not yet booked. */
export function Settled({ page }: { page: Page }) {
  const { invoice, payments, credits, inferred } = page;
  const { currency, due, otherwise } = invoice;
  const isUntouched = inferred === 0 && otherwise === 0;
  if (payments.length === 0 && credits.length === 0 && isUntouched) {
    return <p className="small faint">Nothing was paid or credited so far.</p>;
  }
  return (
    <LedgerTable plain stacked caption="Payments and credits">
      <thead>
        <tr>
          <Th>Date</Th>
          <Th>Reference</Th>
          <Th>Known from</Th>
          <Th numeric>{currency}</Th>
        </tr>
      </thead>
      <tbody>
        {payments.map((payment) => (
          <tr key={`${payment.connection} ${payment.id}`}>
            <td>
              <When at={payment.occurredAt} form="date" />
              <small className="phone-only">{knownFrom(payment)}</small>
            </td>
            <td className="wide-only">{payment.reference ?? payment.method}</td>
            <td className="wide-only">
              {knownFrom(payment)}
              {stageWords[payment.stage] === "" ? null : <small>{stageWords[payment.stage]}</small>}
            </td>
            <td className="num">
              <Money amount={payment.amount} currency={currency} as="bare" />
            </td>
          </tr>
        ))}
        {inferred === 0 ? null : (
          <tr>
            <td>
              –<small className="phone-only">{invoice.owner}, told as a sum only</small>
            </td>
            <td className="wide-only" />
            <td className="wide-only">{invoice.owner}, told as a sum only</td>
            <td className="num">
              <Money amount={inferred} currency={currency} as="bare" />
            </td>
          </tr>
        )}
        {credits.map((credit) => (
          <tr key={`${credit.connection} ${credit.id}`}>
            <td>
              <When at={credit.occurredAt} form="date" />
              <small className="phone-only">{creditWords[credit.type]}</small>
            </td>
            <td className="wide-only">{credit.id}</td>
            <td className="wide-only">
              {creditWords[credit.type]}
              {credit.reason ? <small>{credit.reason}</small> : null}
            </td>
            <td className="num">
              <Money amount={credit.amount} currency={currency} as="bare" />
            </td>
          </tr>
        ))}
        {otherwise === 0 ? null : (
          <tr>
            <td>
              –<small className="phone-only">Settled otherwise</small>
            </td>
            <td className="wide-only" />
            <td className="wide-only">Settled otherwise, without a payment or credit note</td>
            <td className="num">
              <Money amount={otherwise} currency={currency} as="bare" />
            </td>
          </tr>
        )}
      </tbody>
      <tfoot>
        <SumRow
          label={due < 0 ? "Credit" : "Still due"}
          amount={Math.abs(due)}
          currency={currency}
        />
      </tfoot>
    </LedgerTable>
  );
}

function knownFrom({ booked, from }: { booked: boolean; from: string }): string {
  return booked ? from : `received by ${from}, not yet booked`;
}

/** A dispute beside its invoice: its state, amounts, answer and the way to its page. */
export function DisputeFacts({ dispute }: { dispute: Dispute }) {
  const { amount, currency, creditedAmount, answerDueAt } = dispute;
  const pathOf = useCustomerPath();
  const facts = [
    { term: "State", value: <DisputeMark state={dispute.state} reader="customer" /> },
    { term: "Reason", value: reasonWords[dispute.reason] },
    { term: "Disputed", value: <Money amount={amount} currency={currency} /> },
  ];
  if (creditedAmount !== null) {
    const pending = dispute.creditPending ? " (credit note to come)" : "";
    const credited = <Money amount={creditedAmount} currency={currency} />;
    facts.push({ term: `Credited${pending}`, value: credited });
  }
  if (dispute.isOpen && answerDueAt !== null) {
    facts.push({ term: "First answer by", value: <When at={answerDueAt} zone /> });
  }
  return (
    <>
      <h2>Dispute {dispute.number}</h2>
      <Pairs facts={facts} />
      <p className="aside__act">
        <ButtonLink to={pathOf(`/disputes/${encodeURIComponent(dispute.number)}`)} width="full">
          {dispute.state === "waiting_for_customer" ? "Answer" : "Look at the dispute"}
        </ButtonLink>
      </p>
    </>
  );
}
