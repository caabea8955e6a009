const withoutDecimals = new Set(
  "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(" "),
);
const withThree = new Set("BHD IQD JOD KWD LYD OMR TND".split(" "));

/** Digits after the point by ISO 4217: JPY 0, EUR 2, KWD 3. Intl is wrong for HUF, IDR, IQD and others. */
export function decimalsOf(currency: string): number {
  if (withoutDecimals.has(currency)) return 0;
  return withThree.has(currency) ? 3 : 2;
}
