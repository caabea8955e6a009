import type { shownDispute } from "#app/invoices/invoice-page.server.ts";
import type { Line } from "#domain/change.ts";
import { comparedBy, tellTax } from "#domain/disputed-amount.ts";
import { Decimal } from "#app/ui/decimal.tsx";
import { LedgerTable, Th } from "#app/ui/ledger-table.tsx";
import { Money } from "#app/ui/money.tsx";

/** Which lines are disputed: what was invoiced, what the customer thinks, and what it comes to. */
export function DisputedLines({
  dispute,
  lines,
}: {
  dispute: ReturnType<typeof shownDispute>;
  /** Those of the invoice. */
  lines: readonly Line[];
}) {
  const { currency } = dispute;
  const byQuantity = comparedBy(dispute.reason) === "quantity";
  const invoicedWord = byQuantity ? "Quantity invoiced" : "Price invoiced";
  return (
    <LedgerTable plain stacked caption="What is disputed">
      <thead>
        <tr>
          <Th>Line</Th>
          <Th numeric>{invoicedWord}</Th>
          <Th numeric>Thought correct</Th>
          <Th numeric>In dispute, {currency}</Th>
        </tr>
      </thead>
      <tbody>
        {dispute.lines.map(({ lineId, correctValue, amount }) => {
          const line = lines.find(({ id }) => id === lineId);
          const invoiced = byQuantity ? line?.quantity : line?.unitPrice;
          const other = byQuantity ? line?.unitPrice : line?.quantity;
          return (
            <tr key={lineId}>
              <td className="full">
                {line?.description ?? "A line that is no longer on the invoice"}
                {other === undefined ? null : (
                  <small>
                    {byQuantity ? "at " : null}
                    <Decimal value={other} /> {byQuantity ? null : line?.unit}
                  </small>
                )}
              </td>
              <td className="num lead" data-label={invoicedWord}>
                <Decimal value={invoiced} />
              </td>
              <td
                className={correctValue ? "num question medium" : "num faint"}
                data-label="Thought correct"
              >
                <Decimal value={correctValue} />
              </td>
              <td className="num end" data-label="In dispute">
                {amount === undefined ? (
                  "–"
                ) : (
                  <Money amount={amount} currency={currency} as="bare" />
                )}
              </td>
            </tr>
          );
        })}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row" colSpan={3}>
            {tellTax(lines) ? "In dispute, tax included" : "In dispute"}
          </th>
          <td className="num">
            <Money amount={dispute.amount} currency={currency} as="bare" />
          </td>
        </tr>
      </tfoot>
    </LedgerTable>
  );
}
