import fc from "fast-check";
import { generateKeyPairSync, sign } from "node:crypto";
import { Webhook } from "standardwebhooks";
import Stripe from "stripe";
import { expect, test } from "vitest";
import { RequestError } from "#server/errors.ts";
import { connectors } from "#server/connectors/index.ts";
import {
  requireStandardSignature,
  standardHeaders,
} from "#server/connectors/kit/standard-signature.ts";
import { testHttp } from "./connectors/stand-in.ts";

const secret = "whsec_dGVzdC1zZWNyZXQtc3RhbmRhcmQtd2ViaG9va3M=";
const other = "whsec_YW5vdGhlci1zZWNyZXQtZm9yLXJvdGF0aW9uLW9ubHk=";
const library = new Webhook(secret);
const stripeLibrary = new Stripe("sk_test_1");
const stripeSecret = "whsec_stripe";

const accepts = (work: () => unknown): boolean => {
  try {
    work();
    return true;
  } catch (error) {
    const isRefusal =
      error instanceof RequestError ||
      /signature|timestamp|header|secureCompare/i.test(String(error));
    if (isRefusal) return false;
    throw error;
  }
};

function standard(
  headers: Record<string, string>,
  body: string | Buffer,
  keys = { secrets: [secret] },
) {
  const delivery = {
    method: "POST",
    query: "",
    headers: new Headers(headers),
    body: Buffer.from(body),
  };
  return accepts(() => requireStandardSignature({ ...delivery, receivedAt: new Date() }, keys));
}

function stripe(header: string, body: Buffer, receivedAt: Date): boolean {
  const settings = { webhookSecret: stripeSecret };
  const bound = connectors.get("stripe")?.bind({}, settings, testHttp());
  const headers = new Headers({ "stripe-signature": header });
  return accepts(() => bound?.verify({ method: "POST", query: "", headers, body, receivedAt }));
}

test("npm standardwebhooks accepts what we sign, and we accept what it signs", () => {
  fc.assert(
    fc.property(fc.uuid(), fc.json(), (id, body) => {
      const sentAt = new Date();
      expect(library.verify(body, standardHeaders(secret, { id, sentAt, body }))).toEqual(
        JSON.parse(body),
      );
      const timestamp = String(Math.floor(sentAt.getTime() / 1000));
      const headers = { "webhook-id": id, "webhook-timestamp": timestamp };
      const signature = library.sign(id, sentAt, body);
      expect(standard({ ...headers, "webhook-signature": signature }, body)).toBe(true);
      const svix = { "svix-id": id, "svix-timestamp": timestamp, "svix-signature": signature };
      expect(standard(svix, body)).toBe(true);
    }),
  );
});

/** Changes one place of a text: removes, doubles or replaces a character. */
const mutation = fc.record({
  at: fc.nat(),
  how: fc.constantFrom("remove", "double", "replace"),
  by: fc.constantFrom("a", "Z", "0", "9", "+", "/", "=", ",", " ", "v", "1", "."),
});
type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never;

function mutated(text: string, { at, how, by }: Mutation): string {
  const place = at % text.length;
  const kept = how === "remove" ? "" : how === "double" ? text.charAt(place).repeat(2) : by;
  return text.slice(0, place) + kept + text.slice(place + 1);
}

test("on changed inputs we accept exactly what npm standardwebhooks accepts", () => {
  const part = fc.constantFrom(
    "webhook-signature",
    "body",
    "webhook-id",
    "webhook-timestamp",
    "none",
  );
  fc.assert(
    fc.property(part, mutation, fc.boolean(), (which, change, isRotated) => {
      const body = '{"type":"invoice.issued","data":{"a":"ä"}}';
      const signed = standardHeaders(secret, { id: "msg_1", sentAt: new Date(), body });
      const extra = standardHeaders(other, { id: "msg_1", sentAt: new Date(), body });
      const both = `${extra["webhook-signature"]} ${signed["webhook-signature"]}`;
      const headers: Record<string, string> = isRotated
        ? { ...signed, "webhook-signature": both }
        : signed;
      const sent = which === "body" ? mutated(body, change) : body;
      if (which in headers) headers[which] = mutated(headers[which] ?? "", change);
      // Ours alone refuses an id with a dot, and a time that is not digits only.
      fc.pre(!headers["webhook-id"]?.includes("."));
      fc.pre(/^\d+$/.test(headers["webhook-timestamp"] ?? ""));
      fc.pre(Object.values(headers).every((value) => value === value.trim()));
      expect(standard(headers, sent)).toBe(
        accepts(() => library.verify(sent, headers, { jsonParse: false })),
      );
    }),
    { numRuns: 500 },
  );
});

test("on changed inputs we accept exactly what npm stripe accepts", () => {
  const part = fc.constantFrom("header", "body", "none");
  const ages = fc.constantFrom(-4000, -301, -1, 0, 299, 300, 301, 302, 100_000);
  const schemes = fc.subarray(["v0=00", "v1=00", "v2=00"]);
  fc.assert(
    fc.property(part, mutation, ages, schemes, (which, change, age, more) => {
      const payload = '{"id":"evt_1","object":"event","livemode":false,"name":"ä"}';
      const timestamp = 1_795_168_800;
      const signed = stripeLibrary.webhooks.generateTestHeaderString({
        payload,
        secret: stripeSecret,
        timestamp,
      });
      const whole = [signed, ...more].join(",");
      const header = which === "header" ? mutated(whole, change) : whole;
      const body = Buffer.from(which === "body" ? mutated(payload, change) : payload);
      const receivedAt = new Date((timestamp + age) * 1000);
      fc.pre(header === header.trim());
      // An empty v1 ends their comparison with a TypeError, though another one would match.
      fc.pre(!/v1=(?:=|,|$)/.test(header));
      const theirs = accepts(() =>
        stripeLibrary.webhooks.constructEvent(
          body,
          header,
          stripeSecret,
          300,
          undefined,
          receivedAt.getTime(),
        ),
      );
      expect(stripe(header, body, receivedAt)).toBe(theirs);
    }),
    { numRuns: 500 },
  );
});

test("ed25519 (v1a) is accepted by the public key, whatever stands beside it", () => {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const raw = publicKey.export({ format: "der", type: "spki" }).subarray(-32);
  const keys = { secrets: [], publicKey: `whpk_${raw.toString("base64")}` };
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = sign(null, Buffer.from(`msg_1.${timestamp}.{}`), privateKey).toString("base64");
  const headers = { "webhook-id": "msg_1", "webhook-timestamp": timestamp };
  expect(standard({ ...headers, "webhook-signature": `v9,x v1a,${signature}` }, "{}", keys)).toBe(
    true,
  );
  expect(standard({ ...headers, "webhook-signature": `v1,${signature}` }, "{}", keys)).toBe(false);
  expect(standard({ ...headers, "webhook-signature": `v1a,${signature}` }, "{ }", keys)).toBe(
    false,
  );
});

test("an id with a dot, a stale or future time, and no headers at all are refused", () => {
  const at = (ms: number, id = "msg_1") =>
    standardHeaders(secret, { id, sentAt: new Date(Date.now() + ms), body: "{}" });
  expect(standard(at(0), "{}")).toBe(true);
  expect(standard(at(0, "msg.1"), "{}")).toBe(false);
  expect(standard(at(-310_000), "{}")).toBe(false);
  expect(standard(at(310_000), "{}")).toBe(false);
  expect(standard({}, "{}")).toBe(false);
});

test("a secret without prefix is taken as base64 or as its own bytes, one that ended no more", () => {
  const settings = { allowedOrigins: [] };
  const bound = (webhookSecret: unknown) =>
    connectors.get("standard-webhooks")?.bind(settings, { webhookSecret }, testHttp());
  const raw = new Webhook("plain-text-secret", { format: "raw" });
  const sentAt = new Date("2026-11-20T10:00:00Z");
  const headers = new Headers({
    "webhook-id": "msg_1",
    "webhook-timestamp": String(sentAt.getTime() / 1000),
    "webhook-signature": raw.sign("msg_1", sentAt, "{}"),
  });
  const delivery = {
    method: "POST",
    query: "",
    headers,
    body: Buffer.from("{}"),
    receivedAt: sentAt,
  };
  const passes = (webhookSecret: unknown) => accepts(() => bound(webhookSecret)?.verify(delivery));
  expect(passes("plain-text-secret")).toBe(true);
  const until = (text: string) => [secret, { secret: "plain-text-secret", until: text }];
  expect(passes(until("2026-11-20T10:00:00.001Z"))).toBe(true);
  expect(passes(until("2026-11-20T10:00:00.000Z"))).toBe(false);
});
