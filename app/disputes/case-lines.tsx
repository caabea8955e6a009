import { comparedBy } from "#domain/disputed-amount.ts";
import { Pairs } from "#app/ui/facts.tsx";
import { LedgerTable, Th } from "#app/ui/ledger-table.tsx";
import { Money } from "#app/ui/money.tsx";
import type { Reason } from "#app/words/words.ts";

type Line = {
  id: string;
  /** On the invoice. */
  number: number;
  description: string;
  quantity?: string | undefined;
  unit?: string | undefined;
  unitPrice?: string | undefined;
  net?: number | undefined;
  tax?: number | undefined;
  total?: number | undefined;
};
type Disputed = { lineId: string; correctValue?: string | undefined; amount?: number | undefined };
export type CaseDispute = {
  reason: Reason;
  currency: string;
  amount: number;
  lines: readonly Disputed[];
  creditedAmount: number | null;
};
export type CaseInvoice = { total: number; paid: number; due: number; lines: readonly Line[] };

/** What is in dispute: each line with what was invoiced and what the customer thinks, else the sums. */
export function CaseLines({ dispute, invoice }: { dispute: CaseDispute; invoice: CaseInvoice }) {
  return (
    <>
      {dispute.lines.map((disputed) => {
        const line = invoice.lines.find(({ id }) => id === disputed.lineId);
        return line === undefined ? null : (
          <LineFigures key={line.id} {...{ line, disputed, dispute }} />
        );
      })}
      <section>
        <h3>Amounts</h3>
        <Sums dispute={dispute} invoice={invoice} />
      </section>
    </>
  );
}

function Sums({ dispute, invoice }: { dispute: CaseDispute; invoice: CaseInvoice }) {
  const { currency } = dispute;
  const money = (amount: number) => <Money amount={amount} currency={currency} />;
  const facts = [
    { term: "Invoice total", value: money(invoice.total) },
    { term: "Paid", value: money(invoice.paid) },
    { term: "Due", value: money(invoice.due) },
    { term: "In dispute", value: <b>{money(dispute.amount)}</b> },
  ];
  if (dispute.creditedAmount !== null) {
    facts.push({ term: "Credited", value: <b>{money(dispute.creditedAmount)}</b> });
  }
  return <Pairs lined facts={facts} />;
}

function LineFigures({
  line,
  disputed,
  dispute,
}: {
  line: Line;
  disputed: Disputed;
  dispute: CaseDispute;
}) {
  const { currency, reason } = dispute;
  const { number } = line;
  const title = `Line ${number}, ${line.description}`;
  const byQuantity = comparedBy(reason) === "quantity";
  const amount = disputed.amount;
  const total = line.total ?? line.net;
  const parts = [line.net, line.tax].filter((part) => part !== undefined).length;
  const cell = (value: number | undefined) =>
    value === undefined ? "–" : <Money amount={value} currency={currency} as="bare" />;
  return (
    <section>
      <h3>{title}</h3>
      {/* What scrolls must be reachable by keys. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className="scroll" tabIndex={0} role="region" aria-label={`Figures of line ${number}`}>
        <LedgerTable plain caption={title}>
          <thead>
            <tr>
              <Th>
                <span className="sr">Whose figures</span>
              </Th>
              <Th numeric>Quantity{line.unit === undefined ? "" : `, ${line.unit}`}</Th>
              <Th numeric>Price</Th>
              {line.net === undefined ? null : <Th numeric>Net</Th>}
              {line.tax === undefined ? null : <Th numeric>Tax</Th>}
              <Th numeric>{currency}</Th>
            </tr>
          </thead>
          <tbody>
            <tr>
              <td>Invoiced</td>
              <td className="num">{line.quantity ?? "–"}</td>
              <td className="num">{line.unitPrice ?? "–"}</td>
              {line.net === undefined ? null : <td className="num">{cell(line.net)}</td>}
              {line.tax === undefined ? null : <td className="num">{cell(line.tax)}</td>}
              <td className="num">{cell(line.total)}</td>
            </tr>
            <tr>
              <td>Customer thinks</td>
              <td className="num">{byQuantity ? (disputed.correctValue ?? "–") : line.quantity}</td>
              <td className="num">
                {byQuantity ? (line.unitPrice ?? "–") : (disputed.correctValue ?? "–")}
              </td>
              {parts === 0 ? null : <td colSpan={parts} />}
              <td className="num">
                {cell(total === undefined || amount === undefined ? undefined : total - amount)}
              </td>
            </tr>
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">In dispute</th>
              <td colSpan={2 + parts} />
              <td className="num">{cell(amount)}</td>
            </tr>
          </tfoot>
        </LedgerTable>
      </div>
    </section>
  );
}
