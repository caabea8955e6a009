import { gzipSync } from "node:zlib";
import type { Random } from "#demo/random.ts";

export interface Poison {
  name: string;
  /** The connection. */
  to: "erp" | "stripe";
  body: Buffer;
  headers?: Record<string, string>;
  /** Too large: the connection may be closed while it is still being sent. */
  mayHangUp?: boolean;
}

const invoice = {
  number: "POISON",
  externalId: "ext-poison",
  customer: { id: "P-1", name: "Poison" },
  currency: "EUR",
  total: "100.00",
  issuedOn: "2026-11-02",
  dueOn: "2026-12-02",
  status: "open",
  version: 1,
};

const event = (told: object, rest: object = {}) => ({
  type: "invoice.issued",
  timestamp: "2026-11-02T09:00:00.000Z",
  data: { invoice: { ...invoice, ...told } },
  ...rest,
});
const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const nested = (depth: number, inner = "1") =>
  `${'{"a":'.repeat(depth)}${inner}${"}".repeat(depth)}`;
const lists = (depth: number) => "[".repeat(depth) + "]".repeat(depth);

/** What senders with bugs, and attackers with a key, have sent; and some chance. */
export function poisonsFor(random: Random): Poison[] {
  return [...bodies(), ...values(), ...stripeBodies(), ...mutations(random)];
}

function bodies(): Poison[] {
  const raw: [string, string | Buffer][] = [
    ["nothing", ""],
    ["no json", "invoice=1&total=2"],
    ["cut json", '{"type":"invoice.issued","data":{"invoice":{"num'],
    ["null", "null"],
    ["a number", "42"],
    ["a list", "[]"],
    ["no utf-8", Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])],
    ["byte order mark", Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), json(event({}))])],
    ["utf-16", Buffer.from(JSON.stringify(event({})), "utf16le")],
    ["deep objects", `{"type":"invoice.issued","data":${nested(100_000)}}`],
    ["deep lists", `{"type":"invoice.issued","data":{"invoice":${lists(200_000)}}}`],
    ["deep fractions", `{"type":"invoice.issued","data":${nested(20_000, "1.5")}}`],
    ["prototype", '{"__proto__":{"type":"x"},"constructor":{"prototype":{"a":1}}}'],
    ["keys twice", '{"type":"invoice.issued","type":"x","data":{}}'],
    ["a text without end", `{"type":"${"x".repeat(900_000)}`],
    [
      "many digits",
      `{"type":"invoice.issued","data":{"invoice":{"total":${"9".repeat(500_000)}}}}`,
    ],
    ["many backslashes", `{"type":"${"\\\\".repeat(400_000)}"}`],
    ["many numbers", `{"type":"x","data":[${"1.5,".repeat(200_000)}1]}`],
  ];
  return [
    ...raw.map(([name, body]): Poison => ({ name, to: "erp", body: Buffer.from(body) })),
    {
      name: "a bomb",
      to: "erp",
      body: gzipSync(Buffer.alloc(64 * 1024 * 1024, " ")),
      headers: { "content-encoding": "gzip" },
      mayHangUp: true,
    },
    {
      name: "broken gzip",
      to: "erp",
      body: gzipSync("{}").subarray(0, 12),
      headers: { "content-encoding": "gzip" },
    },
    { name: "too large", to: "erp", body: Buffer.alloc(3 * 1024 * 1024, "a"), mayHangUp: true },
  ];
}

function values(): Poison[] {
  const told: [string, object][] = [
    ["negative total", { total: "-100.00" }],
    ["no number", { total: "NaN" }],
    ["endless total", { total: "Infinity" }],
    ["exponent", { total: "1e400" }],
    ["too exact", { total: "1.23456789" }],
    ["beyond safe integers", { total: "90071992547409930.00" }],
    ["largest safe integer", { totalMinor: Number.MAX_SAFE_INTEGER, total: undefined }],
    ["total twice, differing", { totalMinor: 5, total: "100.00" }],
    ["unknown currency", { currency: "ZZZ" }],
    ["no currency", { currency: "" }],
    ["a currency of controls", { currency: "\u0000\u0001\u0002" }],
    ["day that is none", { dueOn: "2026-02-30" }],
    ["year zero", { dueOn: "0000-01-01", issuedOn: "0000-01-01" }],
    ["year 9999", { dueOn: "9999-12-31" }],
    ["zero byte in the number", { number: "INV\u0000-1" }],
    ["zero byte in the name", { customer: { id: "P-2", name: "A\u0000B" } }],
    ["lone surrogate in the number", { number: "INV-\ud800" }],
    ["lone surrogate in the name", { customer: { id: "P-3", name: "A\udc00B" } }],
    ["lone surrogate in a line", { lines: [{ id: "1", description: "x\ud83dy" }] }],
    ["no name", { customer: { id: "P-4", name: "" } }],
    ["no customer", { customer: null }],
    ["a name of blanks", { customer: { name: "   " } }],
    ["a very long name", { customer: { id: "P-5", name: "n".repeat(100_000) } }],
    ["a very long number", { number: "9".repeat(100_000) }],
    ["markup", { description: "<script>alert(1)</script>", customer: { id: "P-6", name: "<b>" } }],
    ["right to left", { number: "INV-\u202e1", description: "\u202etxet" }],
    ["many lines", { lines: Array.from({ length: 5_000 }, (_, id) => ({ id: String(id) })) }],
    ["one line id for all", { lines: Array.from({ length: 50 }, () => ({ id: "1" })) }],
    ["many payments", { payments: Array.from({ length: 3_000 }, () => ({ id: "1" })) }],
    ["version that is none", { version: 1.5 }],
    ["a huge version", { version: Number.MAX_SAFE_INTEGER }],
    ["a negative version", { version: -1 }],
    ["address that is a script", { url: "javascript:alert(1)" }],
    ["unknown status", { status: "maybe" }],
    ["paid more than due", { paid: "500.00" }],
    ["search words", { description: '" OR 1=1 --', poNumber: 'NEAR("' }],
  ];
  return [
    ...told.map(([name, data]): Poison => ({
      name,
      to: "erp",
      body: json(event({ number: name, ...data })),
    })),
    { name: "unknown type", to: "erp", body: json(event({}, { type: "invoice.exploded" })) },
    { name: "no type", to: "erp", body: json(event({}, { type: "" })) },
    { name: "no timestamp", to: "erp", body: json(event({}, { timestamp: "yesterday" })) },
    {
      name: "far future",
      to: "erp",
      body: json(event({}, { timestamp: "9999-12-31T23:59:59.999Z" })),
    },
    {
      name: "payment without payment",
      to: "erp",
      body: json(event({}, { type: "payment.received" })),
    },
  ];
}

function stripeBodies(): Poison[] {
  const object = { id: "in_1", object: "invoice", currency: "eur", total: 100, status: "open" };
  const told: [string, unknown][] = [
    ["empty", {}],
    ["no object", { data: {} }],
    ["object of another kind", { data: { object: { ...object, object: "teapot" } } }],
    ["total as text", { data: { object: { ...object, total: "100" } } }],
    ["a fraction of a cent", { data: { object: { ...object, total: 1.5 } } }],
    ["total beyond safe integers", { data: { object: { ...object, total: 2 ** 60 } } }],
    ["no currency", { data: { object: { ...object, currency: null } } }],
    ["deep", { data: { object: { ...object, metadata: "DEEP" } } }],
    ["lone surrogate", { data: { object: { ...object, number: "\ud800" } } }],
    ["zero byte", { data: { object: { ...object, number: "\u0000" } } }],
    ["time beyond time", { created: 1e18, data: { object: { ...object, created: 1e18 } } }],
  ];
  return told.map(([name, data], at) => {
    const id = `evt_poison-${at}`;
    const message = { id, object: "event", type: "invoice.finalized", created: 1_790_000_000 };
    const text = JSON.stringify({ ...message, ...(data as object) });
    const body = Buffer.from(text.replace('"DEEP"', nested(50_000)));
    return { name: `stripe: ${name}`, to: "stripe", body };
  });
}

/** A good message with one value replaced, as a fuzzer would. */
function mutations(random: Random): Poison[] {
  const replacements = ["null", "-1", '""', "[]", "{}", "true", '"\\ud800"', '"\\u0000"', "1e999"];
  return Array.from({ length: 60 }, (_, at): Poison => {
    const text = JSON.stringify(event({ number: `MUT-${at}`, externalId: `mut-${at}` }));
    const places = [...text.matchAll(/:("(?:[^"\\]|\\.)*"|\d+)/g)];
    const { index, 0: found } = random.pick(places);
    const changed = `${text.slice(0, index)}:${random.pick(replacements)}`;
    const body = Buffer.from(changed + text.slice(index + found.length));
    return { name: `mutation ${at}`, to: "erp", body };
  });
}
