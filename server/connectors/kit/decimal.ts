const exponential = /^(-?)(\d{1,40})(?:\.(\d{1,40}))?[eE]([+-]?\d{1,3})$/;
const mostShifted = 40;

/**
 * A decimal with its exponent worked in: "1.0E7", as Java writes a double, is "10000000". What has no
 * exponent, or one beyond any amount, stays as it is.
 */
export function withoutExponent(text: string): string {
  const [, sign = "", whole, fraction = "", exponent = "0"] = exponential.exec(text) ?? [];
  const shift = Number(exponent);
  if (whole === undefined || Math.abs(shift) > mostShifted) return text;
  const places = fraction.length - shift;
  const digits = (whole + fraction).padEnd(whole.length + shift, "0").padStart(places + 1, "0");
  const point = digits.length - Math.max(0, places);
  const behind = digits.slice(point).replace(/0+$/, "");
  const before = digits.slice(0, point).replace(/^0+(?=\d)/, "");
  return `${sign}${before}${behind === "" ? "" : `.${behind}`}`;
}
