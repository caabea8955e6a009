import { generateKeyPairSync, sign } from "node:crypto";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { refusedOf } from "#db/queries/refused.ts";
import { longestStallMs, stallOf } from "#test/support/stall.ts";
import { invoiceIssued } from "#test/support/standard-event.ts";
import { startTestPortal, webhookSecret, type TestPortal } from "#test/support/start-portal.ts";

const { publicKey, privateKey } = generateKeyPairSync("ed25519");
const raw = publicKey.export({ format: "der", type: "spki" }).subarray(-32);
const erp = {
  id: "erp",
  system: "standard-webhooks",
  secrets: { webhookSecret, publicKey: `whpk_${raw.toString("base64")}` },
};
const [MiB, timestamp] = [1024 * 1024, () => String(Math.floor(Date.now() / 1000))];

interface Sent {
  body: Buffer;
  signatures: string[];
  at?: string;
  packed?: true;
}

async function send(portal: TestPortal, { body, signatures, at = timestamp(), packed }: Sent) {
  const answer = await fetch(`${portal.url}/webhooks/erp`, {
    method: "POST",
    body: new Uint8Array(packed ? gzipSync(body) : body),
    headers: {
      ...(packed && { "content-encoding": "gzip" }),
      "content-type": "application/json",
      "webhook-id": "msg_1",
      "webhook-timestamp": at,
      "webhook-signature": signatures.join(" "),
    },
  });
  await answer.arrayBuffer();
  return answer.status;
}

const wrong = (version: string) => `${version},${Buffer.alloc(64, 7).toString("base64")}`;
const spaces = (size: number) => Buffer.alloc(size, " ");

test.each<[string, Sent]>([
  [
    "120 of ed25519 over 10 MiB",
    { body: spaces(10 * MiB), signatures: Array(120).fill(wrong("v1a")), packed: true },
  ],
  [
    "1 of ed25519 over 10 MiB",
    { body: spaces(10 * MiB), signatures: [wrong("v1a")], packed: true },
  ],
  ["5 of ed25519 over 1 MiB", { body: spaces(MiB), signatures: Array(5).fill(wrong("v1a")) }],
  [
    "300 of HMAC over 10 MiB",
    { body: spaces(10 * MiB), signatures: Array(300).fill("v1,AAAA"), packed: true },
  ],
])("wrong signatures, %s, are refused without a stall", async (_name, sent) => {
  await using portal = await startTestPortal({ connections: [erp] });
  let status = 0;
  const stall = await stallOf(async () => {
    status = await send(portal, sent);
  });
  expect(status).toBe(401);
  expect(stall).toBeLessThan(longestStallMs);
});

test("ed25519 is checked of five signatures and 1 MiB, and finance is told why more is refused", async () => {
  await using portal = await startTestPortal({ connections: [erp] });
  const body = Buffer.from(JSON.stringify(invoiceIssued("INV-1")));
  const at = timestamp();
  const signed = (what: Buffer) => {
    const message = Buffer.concat([Buffer.from(`msg_1.${at}.`), what]);
    return `v1a,${sign(null, message, privateKey).toString("base64")}`;
  };
  const others = Array<string>(4).fill(wrong("v1a"));
  expect(await send(portal, { body, signatures: [...others, signed(body)], at })).toBe(204);
  const six = [...others, wrong("v1a"), signed(body)];
  expect(await send(portal, { body, signatures: six, at })).toBe(401);
  const long = Buffer.concat([body, spaces(MiB)]);
  expect(await send(portal, { body: long, signatures: [signed(long)], at, packed: true })).toBe(
    401,
  );
  await portal.settled();
  const reasons = (await refusedOf(portal.portal.db, "erp")).map(({ reason }) => reason);
  expect(reasons).toEqual(
    expect.arrayContaining([
      expect.stringContaining("1 MiB"),
      expect.stringContaining("More than 5"),
    ]),
  );
});
