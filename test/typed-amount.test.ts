import { expect, test } from "vitest";
import { moneyText } from "#app/ui/money.tsx";
import { typedAmount } from "#domain/typed-amount.ts";
import { readDecimal } from "#domain/typed-number.ts";

const read = (text: string, locale = "en-GB", currency = "EUR") =>
  typedAmount({ text, currency, locale });

test.each([
  ["598.22", "en-GB", "EUR", 59822],
  ["598,22", "en-GB", "EUR", 59822],
  ["1,234.50", "en-GB", "EUR", 123450],
  ["1.234,50", "en-GB", "EUR", 123450],
  ["1 234,50", "fr-FR", "EUR", 123450],
  ["1\u202f234,50", "en-GB", "EUR", 123450],
  ["1'234.50", "en-GB", "EUR", 123450],
  ["1’234.50", "en-GB", "EUR", 123450],
  ["1,00,000.50", "en-IN", "INR", 10000050],
  ["1,234", "en-GB", "EUR", 123400],
  ["1.234", "de-DE", "EUR", 123400],
  ["1.234.567", "en-GB", "EUR", 123456700],
  ["0", "en-GB", "EUR", 0],
  ["-1", "en-GB", "EUR", -100],
  ["１２３.50", "en-GB", "EUR", 12350],
  ["184500", "en-GB", "JPY", 184500],
  ["1,000", "en-GB", "JPY", 1000],
  ["1.234", "en-GB", "KWD", 1234],
  ["1,234", "de-DE", "KWD", 1234],
  ["12.5", "de-DE", "KWD", 12500],
])("%s in %s and %s is %d minor units", (text, locale, currency, amount) => {
  expect(read(text, locale, currency)).toEqual({ amount });
});

test.each([
  ["1.000", "en-GB", "EUR", "Do you mean EUR\u00a01,000.00 or EUR\u00a01.00?"],
  ["1,000", "de-DE", "EUR", "Do you mean EUR\u00a01.000,00 or EUR\u00a01,00?"],
  ["5.999", "en-GB", "EUR", "Do you mean EUR\u00a05,999.00?"],
  ["1.000", "en-GB", "JPY", "Do you mean JPY\u00a01,000 or JPY\u00a01?"],
  ["1,234", "en-GB", "KWD", "Do you mean KWD\u00a01,234.000 or KWD\u00a01.234?"],
  ["1.234", "de-DE", "KWD", "Do you mean KWD\u00a01.234,000 or KWD\u00a01,234?"],
  ["0.500", "en-GB", "EUR", "EUR has 2 decimals at most"],
  ["1,250.500", "en-GB", "EUR", "EUR has 2 decimals at most"],
  ["10.50", "en-GB", "JPY", "JPY has no decimals. Write the amount like 1,250"],
  ["$100", "en-GB", "EUR", "The amount is in EUR"],
  ["100 USD", "en-GB", "EUR", "The amount is in EUR"],
  ["US$5", "en-GB", "CAD", "The amount is in CAD"],
  ["99999999999999999", "en-GB", "EUR", "too large"],
])("%s in %s and %s is asked back: %s", (text, locale, currency, refusal) => {
  expect(read(text, locale, currency)).toEqual({ refusal: expect.stringContaining(refusal) });
});

test.each(["", "abc", "1,2,3", "1.2.3", "12,34.5", "1.234.5", "1,234,5.0", "--1", "1 5", "12 34"])(
  "%j is refused, not guessed",
  (text) => {
    const refusal = expect.stringContaining("Write the amount like 1,250.50");
    expect(read(text)).toEqual({ refusal });
  },
);

test.each([
  ["en-GB", "EUR"],
  ["de-DE", "EUR"],
  ["en-US", "USD"],
  ["de-DE", "KWD"],
  ["en-GB", "KWD"],
  ["de-DE", "JPY"],
])("amounts as a page or a mail in %s writes %s are read", (locale, currency) => {
  const amount = 4_756_530;
  expect(read(moneyText({ amount, currency }, locale), locale, currency)).toEqual({ amount });
  const [code, bare] = moneyText({ amount, currency }, locale).split("\u00a0");
  expect(read(`${bare} ${code}`, locale, currency)).toEqual({ amount });
  for (const currencyDisplay of ["symbol", "narrowSymbol"] as const) {
    const format = new Intl.NumberFormat(locale, { style: "currency", currency, currencyDisplay });
    expect(read(format.format(500), locale, currency)).toHaveProperty("amount");
  }
});

test("a symbol stands for the invoice's currency on either side", () => {
  for (const text of ["€ 100", "100 €", "€100.00", "EUR100", "100,00€", "eur 100"]) {
    expect(read(text), text).toEqual({ amount: 10_000 });
  }
  expect(read("US$ 100", "en-GB", "USD")).toEqual({ amount: 10_000 });
  expect(read("¥1,335,253", "en-GB", "JPY")).toEqual({ amount: 1_335_253 });
});

test("quantities and prices follow the person's language, and are not guessed", () => {
  const decimal = (text: string, locale: string, below = 1200) =>
    readDecimal(text, { locale, fits: (value) => Number(value) < below });
  expect(decimal("1.000", "de-DE")).toBe("1000");
  expect(decimal("1,000", "en-GB")).toBe("1000");
  expect(decimal("1.000", "en-GB")).toBeNull();
  expect(decimal("2.705", "en-GB", 3)).toBe("2.705");
  expect(decimal("2,705", "de-DE", 3)).toBe("2.705");
  expect(decimal("2.7", "de-DE", 3)).toBe("2.7");
  expect(decimal("0.125", "de-DE", 3)).toBe("0.125");
  expect(decimal("many", "en-GB")).toBeNull();
});
