import { Link } from "@remix-run/react";
import { useId } from "react";
import { useListAddress } from "./list-address.ts";
import { ageingBuckets, AgeingBar, type Bucket, Swatch } from "./ageing.tsx";
import { Hatching } from "./hatching.tsx";
import { numberFormat } from "#app/ui/intl.ts";
import { LedgerTable, Th } from "#app/ui/ledger-table.tsx";
import { Money, moneyText } from "#app/ui/money.tsx";
import { useReader } from "#app/ui/reader.ts";
import { timeText } from "#app/ui/when.tsx";
import { ageingWords, type AgeingWord } from "#app/words/words.ts";

interface Aged {
  currency: string;
  /** All that is due, minor units. */
  due: number;
  buckets: Record<AgeingWord, Bucket>;
}

/** How late everything is that a customer owes: one bar a currency, one legend, the table behind it. */
export function AgeingStrip({ ageing, asOf }: { ageing: readonly Aged[]; asOf: string }) {
  const id = useId();
  const shown = ageingBuckets.filter((bucket) =>
    ageing.some(({ buckets }) => buckets[bucket].invoices > 0),
  );
  if (shown.length === 0) return null;
  return (
    <section className="strip" aria-labelledby={`${id}title`}>
      <h2 className="sr" id={`${id}title`}>
        Still due, by how late it is
      </h2>
      <ul className="strip__bars">
        {ageing.map((aged) => (
          <Bar key={aged.currency} {...aged} />
        ))}
      </ul>
      <div className="strip__foot">
        <p className="legend" aria-hidden="true">
          {shown.map((bucket) => (
            <span key={bucket}>
              <svg viewBox="0 0 12 12">
                <Hatching id={id} />
                <Swatch bucket={bucket} id={id} x="0" width="12" height="12" />
              </svg>
              {ageingWords[bucket]}
            </span>
          ))}
        </p>
        <details className="strip__table">
          <summary>Ageing as a table</summary>
          <Table ageing={ageing} asOf={asOf} />
        </details>
      </div>
    </section>
  );
}

function Bar({ currency, due, buckets }: Aged) {
  const id = useId();
  const { locale } = useReader();
  const rows = ageingBuckets.map((bucket) => ({ bucket, ...buckets[bucket] }));
  const parts = rows
    .filter(({ invoices }) => invoices > 0)
    .map(
      ({ bucket, amount }) => `${ageingWords[bucket]} ${moneyText({ amount, currency }, locale)}`,
    );
  return (
    <li>
      <p className="strip__sum">
        <Money amount={due} currency={currency} />
      </p>
      <AgeingBar rows={rows} id={id} label={parts.join(", ")} />
    </li>
  );
}

function Table({ ageing, asOf }: { ageing: readonly Aged[]; asOf: string }) {
  const listAddress = useListAddress();
  const reader = useReader();
  return (
    <LedgerTable mixed caption={`Ageing on ${timeText(asOf, "date", reader)}`}>
      <thead>
        <tr>
          <Th>How late</Th>
          <Th numeric>Invoices</Th>
          <Th numeric>Still due</Th>
        </tr>
      </thead>
      {ageing.map(({ currency, due, buckets }) => (
        <tbody key={currency}>
          <tr>
            <th scope="rowgroup">{currency}</th>
            <td />
            <td className="num medium">
              <Money amount={due} currency={currency} as="aligned" />
            </td>
          </tr>
          {ageingBuckets
            .filter((bucket) => buckets[bucket].invoices > 0)
            .map((bucket) => (
              <tr key={bucket}>
                <th scope="row">
                  <Link to={listAddress(new URLSearchParams(), { late: bucket, currency })}>
                    {ageingWords[bucket]}
                  </Link>
                </th>
                <td className="num">
                  {numberFormat(reader.locale).format(buckets[bucket].invoices)}
                </td>
                <td className="num">
                  <Money amount={buckets[bucket].amount} currency={currency} as="aligned" />
                </td>
              </tr>
            ))}
        </tbody>
      ))}
    </LedgerTable>
  );
}
