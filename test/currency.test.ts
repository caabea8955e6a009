import { data } from "currency-codes";
import { expect, test } from "vitest";
import { decimalsOf, isCurrency } from "#domain/currency.ts";
import { Currency } from "#domain/money.ts";

/** ISO 4217 gives these no minor unit: metals, bond market units, accounting units, test and none. */
const withoutMinorUnit = new Set("XAG XAU XBA XBB XBC XBD XDR XPD XPT XSU XTS XUA XXX".split(" "));

test("every currency of ISO 4217 is known with its decimals", () => {
  const listed = data.filter(({ code }) => !withoutMinorUnit.has(code));
  expect(listed.length).toBeGreaterThan(160);
  for (const { code, digits } of listed) {
    expect([code, isCurrency(code), decimalsOf(code)]).toEqual([code, true, digits]);
  }
});

test("what is no currency is refused: metals, codes of nothing, codes that nobody gave", () => {
  for (const code of [...withoutMinorUnit, "ZZZ", "UF", "eur", "", "CNH"]) {
    expect([code, Currency.safeParse(code).success]).toEqual([code, false]);
  }
  for (const code of ["EUR", "XOF", "XCG", "CLF", "UYW"]) expect(Currency.parse(code)).toBe(code);
});
