import fc from "fast-check";
import { expect, test } from "vitest";
import { z } from "zod";
import { DayOrInstant, ZonedInstant } from "#server/connectors/kit/dates.ts";
import {
  DecimalText,
  ExactNumber,
  IdText,
  parseJson,
  readJson,
} from "#server/connectors/kit/json.ts";
import { nameOf } from "#domain/name.ts";
import { clip, oneLine, paragraphs } from "#domain/text.ts";
import { dayIn, plusDays, plusMs } from "#domain/time.ts";
import { noteFor } from "#server/connectors/kit/wording.ts";
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
    1000,
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

test("a byte order mark before the JSON is passed over, inside it is not", () => {
  const mark = Buffer.from([0xef, 0xbb, 0xbf]);
  expect(parseJson(Buffer.concat([mark, Buffer.from('{"a":1.5}')]))).toEqual({
    a: new ExactNumber("1.5"),
  });
  expect(() => parseJson(Buffer.concat([mark, mark, Buffer.from("1")]))).toThrow("not JSON");
});

test.each([
  ["1.0E7", "10000000"],
  ["1.2345E2", "123.45"],
  ["5E-1", "0.5"],
  ["-1.25e+3", "-1250"],
  ["1.5E-3", "0.0015"],
  ["0.0E0", "0"],
  ["1E400", "1E400"],
])("the exponent of %s is worked in: %s", (given, plain) => {
  expect(DecimalText.parse(given)).toBe(plain);
  expect(readJson(z.array(DecimalText), Buffer.from(`[${given}]`))).toEqual([plain]);
});

test("a body that is no JSON costs no more time than its length", () => {
  for (const text of [`{"a":1.5,"b":"${'\\"'.repeat(500_000)}`, `[1.5,${'"\\'.repeat(300_000)}`]) {
    const started = performance.now();
    expect(() => parseJson(Buffer.from(text))).toThrow("The body is not JSON");
    expect(performance.now() - started).toBeLessThan(1_000);
  }
});

test("thousands of faults of one kind are told by the first of them, at once", () => {
  const body = Buffer.from(`[${"{},".repeat(30_000)}{}]`);
  const started = performance.now();
  expect(() => readJson(z.array(z.object({ id: IdText })), body)).toThrow("0.id: is missing");
  expect(performance.now() - started).toBeLessThan(8_000);
});

test("an identifier with a line break or a text that turns the rest around is refused", () => {
  for (const id of ["INV-1\nINV-2", "INV\u202e1", "a\u0007b", "a\u2028b", "\u2066x"]) {
    expect(IdText.safeParse(id).success, JSON.stringify(id)).toBe(false);
  }
  expect(IdText.parse(" RE/2026-ß 1 ")).toBe("RE/2026-ß 1");
});

test.each([
  ["2026-11-20t09:50:00z", "2026-11-20T09:50:00.000Z"],
  ["2026-11-20T10:50:00+0100", "2026-11-20T09:50:00.000Z"],
  ["2026-11-20T10:50+01:00", "2026-11-20T09:50:00.000Z"],
  ["2026-11-20T04:50:00,5-05", "2026-11-20T09:50:00.500Z"],
  ["2026-11-20T09:50Z", "2026-11-20T09:50:00.000Z"],
  ["2026-11-20T09:50:00.1234567Z", "2026-11-20T09:50:00.123Z"],
])("%s is a time", (text, instant) => {
  expect(ZonedInstant.parse(text)).toBe(instant);
});

test("times that no ledger can hold are refused", () => {
  for (const text of [
    "9999-12-31T23:59:59-05:00",
    "0001-01-01T00:00:00Z",
    "0000-01-01T00:00:00.000Z",
    "2026-02-30T00:00:00.000Z",
    "2026-11-20T24:00:00Z",
    "+010000-01-01T00:00:00Z",
  ]) {
    expect(DayOrInstant.safeParse(text).success, text).toBe(false);
  }
  expect(DayOrInstant.safeParse("0001-01-01").success).toBe(false);
  expect(ZonedInstant.parse("9999-12-31T23:59:59Z")).toBe("9999-12-31T23:59:59.000Z");
  expect(dayIn("Europe/Berlin", "9999-12-31T23:59:59.000Z")).toBe("9999-12-31");
  expect(plusDays("9999-12-31", 30)).toBe("9999-12-31");
  expect(plusMs("9999-12-31T23:59:59.000Z", 86_400_000)).toBe("9999-12-31T23:59:59.999Z");
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

test("a clipped text keeps what is seen as one character whole, or leaves it out", () => {
  expect(clip(`${"d".repeat(498)}😀 pallet`, 500)).toBe(`${"d".repeat(498)}…`);
  expect(clip(`ab👩‍👩‍👧‍👦cd`, 6)).toBe("ab…");
  expect(clip("cafe\u0301s", 5)).toBe("caf…");
  expect(clip("🇳🇱🇩🇪🇫🇷", 7)).toBe("🇳🇱…");
  expect(clip(`a${"\u0301".repeat(5_000)}`, 100)).toHaveLength(100);
});

test("a name is one line without controls; a text of several lines keeps its lines", () => {
  expect(oneLine("Anna\u202eblA\nSmith\u0000 ")).toBe("AnnablA Smith");
  expect(oneLine("عربي‏ Žluťoučký")).toBe("عربي‏ Žluťoučký");
  expect(paragraphs("one\n\ttwo\u202e three\u0007\u2066")).toBe("one\n\ttwo three");
});

test("a person's name is one line, and not empty once it is", () => {
  const Name = nameOf({ missing: "Write the name", longest: 10 });
  expect(Name.parse(" Anna\u202e\u0000\nB ")).toBe("Anna B");
  for (const text of ["\u202e \u0000", "x".repeat(11)]) {
    expect(Name.safeParse(text).success).toBe(false);
  }
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
