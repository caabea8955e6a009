import { useId } from "react";
import { Hatching } from "./hatching.tsx";
import { decimalText } from "#domain/typed-number.ts";
import { numberFormat } from "#app/ui/intl.ts";
import { LedgerTable, Th } from "#app/ui/ledger-table.tsx";
import { Money, moneyText } from "#app/ui/money.tsx";
import { useReader } from "#app/ui/reader.ts";
import { stretch } from "./stretch.ts";
import { timeText } from "#app/ui/when.tsx";
import { ageingWords, type AgeingWord } from "#app/words/words.ts";

/** In the order of a bar: the latest last. */
export const ageingBuckets = ["not_due", "1_30", "31_60", "61_90", "over_90"] as const;

/** What is still due that late: minor units, and how many invoices. */
export type Bucket = { amount: number; invoices: number };

/** How late the open amounts of one currency are; the table below the bar is its legend. */
export function Ageing({
  currency,
  asOf,
  ...ageing
}: {
  currency: string;
  /** The day it is true for, a bare date or an instant. */
  asOf: string;
  buckets: Record<AgeingWord, Bucket>;
}) {
  const id = useId();
  const reader = useReader();
  const rows = ageingBuckets.map((bucket) => ({ bucket, ...ageing.buckets[bucket] }));
  const total = rows.reduce((sum, { amount }) => sum + amount, 0);
  const invoices = rows.reduce((sum, row) => sum + row.invoices, 0);
  const owed = moneyText({ amount: total, currency }, reader.locale);
  return (
    <div className="ageing-of">
      <AgeingBar
        rows={rows}
        id={id}
        label={`Ageing of ${owed}. The table below has the figures.`}
      />
      <LedgerTable plain caption={`Ageing in ${currency} on ${timeText(asOf, "date", reader)}`}>
        <thead>
          <tr>
            <Th>How late</Th>
            <Th numeric>Invoices</Th>
            <Th numeric>Share</Th>
            <Th numeric>{currency}</Th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ bucket, ...row }) => (
            <BucketRow key={bucket} {...{ bucket, id, currency, total }} {...row} />
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">Total</th>
            <td className="num">{numberFormat(reader.locale).format(invoices)}</td>
            <td className="num">
              <span className="sr">all</span>
            </td>
            <td className="num">
              <Money amount={total} currency={currency} as="bare" />
            </td>
          </tr>
        </tfoot>
      </LedgerTable>
    </div>
  );
}

/** The bar alone; `id` is unique on the page, for its hatching. */
export function AgeingBar({
  rows,
  id,
  label,
}: {
  rows: (Bucket & { bucket: AgeingWord })[];
  id: string;
  label: string;
}) {
  const shown = rows.filter(({ amount }) => amount > 0);
  const places = stretch(shown.map(({ amount }) => amount));
  return (
    <svg className="chart ageing-of__bar" height="24" role="img" aria-label={label}>
      <Hatching id={id} />
      {shown.map(({ bucket }, index) => {
        const { x = "0", width = "0" } = places[index] ?? {};
        return <Swatch key={bucket} {...{ bucket, id, x, width }} height="100%" />;
      })}
    </svg>
  );
}

function BucketRow({
  bucket,
  amount,
  invoices,
  total,
  currency,
  id,
}: Bucket & { bucket: AgeingWord; total: number; currency: string; id: string }) {
  const { locale } = useReader();
  return (
    <tr>
      <th scope="row">
        <svg className="swatch" viewBox="0 0 24 12" aria-hidden="true">
          <Swatch bucket={bucket} id={id} x="0" width="24" height="12" />
        </svg>
        {"\u2002"}
        {ageingWords[bucket]}
      </th>
      <td className="num">{invoices === 0 ? "–" : numberFormat(locale).format(invoices)}</td>
      <td className="num">{amount === 0 || total <= 0 ? "–" : percent(amount / total, locale)}</td>
      <td className="num">
        {amount === 0 ? "–" : <Money amount={amount} currency={currency} as="bare" />}
      </td>
    </tr>
  );
}

/** Denser hatching means later. */
export function Swatch({
  bucket,
  id,
  x,
  width,
  height,
}: {
  bucket: AgeingWord;
  id: string;
  x: string;
  width: string;
  height: string;
}) {
  const fills: Record<AgeingWord, string> = {
    not_due: "var(--paper)",
    "1_30": `url(#${id}1)`,
    "31_60": `url(#${id}2)`,
    "61_90": `url(#${id}3)`,
    over_90: "currentColor",
  };
  return (
    <g className={bucket === "not_due" ? "text-ink" : "text-late"}>
      <rect {...{ x, width, height }} y="0" fill={fills[bucket]} stroke="currentColor" />
    </g>
  );
}

function percent(share: number, locale: string) {
  return `${decimalText((share * 100).toFixed(1), locale)} %`;
}
