/**
 * The currencies of ISO 4217 by their decimals, without metals, test codes and units that have none.
 * test/currency.test.ts holds them against the standard's list.
 */
const codes = [
  "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
  "",
  "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD " +
    "CAD CDF CHE CHF CHW CNY COP COU CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL " +
    "GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD " +
    "LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN " +
    "PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB " +
    "TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG",
  "BHD IQD JOD KWD LYD OMR TND",
  "CLF UYW",
];

const decimals = new Map(
  codes.flatMap((list, digits) => list.split(" ").map((code) => [code, digits] as const)),
);
decimals.delete("");

/** Whether it is a currency by ISO 4217, in upper case. */
export function isCurrency(code: string): boolean {
  return decimals.has(code);
}

/**
 * Digits after the point by ISO 4217: JPY 0, EUR 2, KWD 3, CLF 4. Intl is wrong for HUF, IDR, IQD and
 * others. A code that the standard does not have, in an old ledger, has two.
 */
export function decimalsOf(currency: string): number {
  return decimals.get(currency) ?? 2;
}
