const dates = new Map<string, Intl.DateTimeFormat>();
const numbers = new Map<string, Intl.NumberFormat>();

/** A formatter kept for reuse: making one costs as much as rendering several rows. */
export function dateFormat(
  locale: string,
  options: Intl.DateTimeFormatOptions,
): Intl.DateTimeFormat {
  const key = locale + JSON.stringify(options);
  const known = dates.get(key);
  if (known) return known;
  const made = new Intl.DateTimeFormat(locale, options);
  dates.set(key, made);
  return made;
}

const points = new Map<string, string>();

/** What stands between whole and fraction in a language, "." or ",". */
export function decimalPoint(locale: string): string {
  let point = points.get(locale);
  if (point === undefined) {
    const parts = numberFormat(locale).formatToParts(0.5);
    point = parts.find(({ type }) => type === "decimal")?.value ?? ".";
    points.set(locale, point);
  }
  return point;
}

/** Latin digits in every language, so that amounts match the PDF. */
export function numberFormat(locale: string): Intl.NumberFormat {
  const known = numbers.get(locale);
  if (known) return known;
  const made = new Intl.NumberFormat(locale, { numberingSystem: "latn" });
  numbers.set(locale, made);
  return made;
}
