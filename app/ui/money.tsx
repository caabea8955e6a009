import { decimalsOf } from "#domain/currency.ts";
import { decimalPoint, numberFormat } from "./intl.ts";
import { useReader } from "./reader.ts";

type Amount = { amount: number; currency: string };

/** Splits minor units into what stands before and after the decimal point, exactly; minus is U+2212. */
export function moneyParts({ amount, currency }: Amount, locale: string) {
  const decimals = decimalsOf(currency);
  const scale = 10 ** decimals;
  const size = Math.abs(amount);
  const rest = size % scale;
  const whole = (amount < 0 ? "−" : "") + numberFormat(locale).format((size - rest) / scale);
  const fraction = String(rest).padStart(decimals, "0");
  return { whole, fraction: decimals === 0 ? "" : decimalPoint(locale) + fraction };
}

/** "EUR 4,158.33", for button labels, titles and places where there is no element. */
export function moneyText(money: Amount, locale: string) {
  const { whole, fraction } = moneyParts(money, locale);
  return `${money.currency}\u00a0${whole}${fraction}`;
}

/**
 * An amount in minor units. `code` shows the currency, faint, before it; `bare` leaves it to the column's
 * head; `aligned` is `bare` for a column of several currencies (the table must be `mixed`).
 */
export function Money({
  amount,
  currency,
  as = "code",
}: Amount & { as?: "code" | "bare" | "aligned" }) {
  const { whole, fraction } = moneyParts({ amount, currency }, useReader().locale);
  return (
    <data value={`${currency} ${amount}`} className="nowrap">
      {as === "code" ? <span className="cur">{currency}</span> : null}
      {whole}
      {as === "aligned" ? <span className="frac">{fraction}</span> : fraction}
    </data>
  );
}

/** The one number of a page. */
export function Figure({
  label,
  amount,
  currency,
  faint = false,
  changed = false,
}: Amount & { label: string; faint?: boolean; changed?: boolean }) {
  const look = ["figure", faint && "faint", changed && "is-new"].filter(Boolean).join(" ");
  return (
    <div>
      <p className="label">{label}</p>
      <p className={look}>
        <Money amount={amount} currency={currency} />
      </p>
    </div>
  );
}
