import fc from "fast-check";
import { expect, test } from "vitest";
import { z } from "zod";
import { DayOrInstant, ZonedInstant } from "#server/webhooks/connectors/kit/dates.ts";
import {
  DecimalText,
  ExactNumber,
  IdText,
  parseJson,
  readJson,
} from "#server/webhooks/connectors/kit/json.ts";
import { clip, noteFor } from "#server/webhooks/connectors/kit/wording.ts";
import { disputeOpened, promiseMade } from "./connectors/requests.ts";

const Body = z.object({ id: IdText, amount: DecimalText });

test("numbers come as they were written, however long", () => {
  const body = Buffer.from('{"id":90071992547409931,"amount":1250.10}');
  expect(readJson(Body, body)).toEqual({ id: "90071992547409931", amount: "1250.10" });
  expect(readJson(Body, Buffer.from('{"id":"1.0","amount":-80}'))).toEqual({
    id: "1.0",
    amount: "-80",
  });
  expect(parseJson(Buffer.from('[0.1, 1.00, 1e3, "0.1", "a\\"1.5"]'))).toEqual([
    new ExactNumber("0.1"),
    1,
    new ExactNumber("1e3"),
    "0.1",
    'a"1.5',
  ]);
});

test("half a character and U+0000 are refused, wherever they are escaped; whole ones are not", () => {
  for (const text of [
    '{"name":"A\\ud800B"}',
    '{"\\uDC00":1}',
    '[["\\u0000"]]',
    '{"a":1.5,"b":"\\ud83d"}',
  ]) {
    expect(() => parseJson(Buffer.from(text))).toThrow("The body is not JSON in UTF-8");
  }
  expect(parseJson(Buffer.from('["\\ud83d\\ude00", "\\\\u0000", 1.5]'))).toEqual([
    "😀",
    "\\u0000",
    new ExactNumber("1.5"),
  ]);
});

test("JSON is read as JSON.parse reads it, but for numbers that it would not keep", () => {
  const asParsed = (value: unknown): unknown => {
    if (value instanceof ExactNumber) return Number(value.text);
    if (Array.isArray(value)) return value.map(asParsed);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, asParsed(item)]));
  };
  fc.assert(
    fc.property(fc.json({ maxDepth: 4 }), (text) => {
      expect(asParsed(parseJson(Buffer.from(text)))).toEqual(asParsed(JSON.parse(text)));
    }),
  );
});

test.each(["", "{", '{"id":01}', '{"a":.5}', '{"a":1.}', "1.2.3", '{"a":"\u0001"}', "nul"])(
  "%j is no JSON",
  (text) => expect(() => parseJson(Buffer.from(text))).toThrow("The body is not JSON in UTF-8"),
);

test("bytes that are no UTF-8 are refused", () => {
  expect(() => parseJson(Buffer.from([0x22, 0xff, 0x22]))).toThrow("not JSON in UTF-8");
});

test("what does not fit is refused with 422, each field by its name", () => {
  const Nested = z.object({ lines: z.array(z.object({ total: DecimalText, count: z.int() })) });
  const body = Buffer.from('{"lines":[{"count":1.5}]}');
  const fields = { "lines.0.total": "is missing", "lines.0.count": expect.any(String) };
  expect(() => readJson(Nested, body)).toThrow(expect.objectContaining({ status: 422, fields }));
});

test("times need a zone, days stay days, and days that do not exist are refused", () => {
  expect(ZonedInstant.parse("2026-11-20T10:50:00+01:00")).toBe("2026-11-20T09:50:00.000Z");
  expect(ZonedInstant.parse("2026-11-20T09:50:00.123456Z")).toBe("2026-11-20T09:50:00.123Z");
  expect(ZonedInstant.safeParse("2026-11-20T09:50:00").success).toBe(false);
  expect(DayOrInstant.parse("2026-11-20")).toBe("2026-11-20");
  for (const text of ["2026-02-30", "2026-02-30T00:00:00Z", "20.11.2026", "2026-11-20 09:50:00Z"]) {
    expect(DayOrInstant.safeParse(text).success, text).toBe(false);
  }
});

test("a note begins with its marker and says who, what, how much and where", () => {
  expect(noteFor(disputeOpened).split("\n")).toEqual([
    "[D-INV-1001-01#17] dispute opened",
    "By Ana Buyer <ana@acme.example>, 2026-11-20T09:59:00.000Z",
    "Dispute D-INV-1001-01: open, quantity incorrect",
    "Disputed: 120.00 EUR",
    "",
    "Two pieces are missing",
    "",
    "https://portal.example/invoices/inv_1",
  ]);
  expect(noteFor(promiseMade)).toContain("Payment of 5000 JPY promised for 2026-12-05");
});

test("a clipped text is never longer than asked and ends in no half character", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "grapheme" }),
      fc.integer({ min: 1, max: 20 }),
      (text, length) => {
        const clipped = clip(text, length);
        expect(clipped.length).toBeLessThanOrEqual(length);
        expect(clipped.isWellFormed()).toBe(true);
      },
    ),
  );
});
