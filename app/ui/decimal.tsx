import { decimalText } from "#domain/typed-number.ts";
import { useReader } from "./reader.ts";

/** A quantity or price as this reader writes numbers; a dash where there is none. */
export function Decimal({ value }: { value: string | undefined }) {
  const { locale } = useReader();
  return <>{value === undefined ? "–" : decimalText(value, locale)}</>;
}
