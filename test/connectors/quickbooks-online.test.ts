import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { connectors } from "#server/connectors/index.ts";
import { testHttp } from "./stand-in.ts";

const realm = "9130357766900001";
const now = new Date("2026-11-20T10:00:00.000Z");
const file = (name: string) =>
  readFileSync(join(import.meta.dirname, "quickbooks-online", "more", name));

function listed() {
  const connector = connectors.get("quickbooks-online");
  if (!connector) throw new Error("It is not in the list");
  return connector;
}

function receiver(verifierToken: string | string[] = "test-secret-quickbooks-online") {
  const settings = { clientId: "client-1", environment: "sandbox" };
  const bound = listed().app?.bind(settings, { clientSecret: "s", verifierToken }, testHttp());
  if (!bound) throw new Error("It has no app");
  return bound;
}

const delivery = (body: unknown, headers: Record<string, string> = {}) => ({
  ...{ method: "POST", query: "", headers: new Headers(headers), receivedAt: now },
  body: Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body)),
});
const parse = (body: unknown) => receiver().parse(delivery(body)).changes;

const event = (type: string, entity: string, rest: object = {}) => ({
  ...{ specversion: "1.0", id: `evt-${type}-${entity}`, source: "intuit.x", type },
  ...{ time: "2026-11-02T21:31:25.179851517Z", intuitentityid: entity, intuitaccountid: realm },
  ...rest,
});

test("Intuit's own test vector is accepted, under any of the tokens while one is replaced", () => {
  const headers: Record<string, string> = JSON.parse(
    file("04-official-sdk-vector.headers.json").toString(),
  );
  const sent = delivery(file("04-official-sdk-vector.json"), headers);
  const token = headers["x-note-verifier-token"] ?? "";
  receiver(token).verify(sent);
  receiver(["other", token]).verify(sent);
  expect(() => receiver("other").verify(sent)).toThrow("does not match");
  expect(receiver().parse(sent).changes).toEqual([]);
});

test("both shapes say the same of the same thing", () => {
  const older = {
    eventNotifications: [
      {
        realmId: realm,
        dataChangeEvent: {
          entities: [
            { name: "Invoice", id: "145", operation: "Update", lastUpdated: "2026-11-02T14:31:25-0700" },
          ],
        },
      },
    ],
  };
  expect(parse(older)).toEqual(parse([event("qbo.invoice.updated.v1", "145")]));
  expect(parse(older)).toEqual([
    { kind: "fetch", invoice: { externalId: "145", account: realm } },
  ]);
});

test.each([
  ["qbo.invoice.created.v1", [{ kind: "fetch", invoice: { externalId: "9" } }]],
  ["qbo.invoice.emailed.v1", [{ kind: "fetch", invoice: { externalId: "9" } }]],
  ["qbo.invoice.deleted.v1", [{ kind: "invoice", invoice: { externalId: "9", state: "void" } }]],
  ["qbo.invoice.void.v1", [{ kind: "invoice", invoice: { state: "void" } }, { kind: "fetch" }]],
  ["qbo.invoice.voided.v1", [{ kind: "invoice", invoice: { state: "void" } }, { kind: "fetch" }]],
  ["qbo.payment.created.v1", [{ kind: "fetch", invoice: { externalId: "payment:9" } }]],
  ["qbo.payment.deleted.v1", [{ invoice: { externalId: "changed:2026-11-02T21:30:25.179Z" } }]],
  [
    "qbo.creditmemo.updated.v1",
    [{ invoice: { externalId: "creditmemo:9" } }, { invoice: { externalId: expect.stringMatching(/^changed:/) } }],
  ],
  ["qbo.refundreceipt.created.v1", []],
  ["qbo.customer.merged.v1", []],
  ["com.example.other", []],
])("%s leads to what is to be read", (type, changes) => {
  expect(parse([event(type, "9")])).toMatchObject(changes);
  expect(parse([event(type, "9")])).toHaveLength(changes.length);
});

test("several companies and repeated things in one body are told apart and read once", () => {
  const other = { intuitaccountid: "77" };
  const changes = parse([
    event("qbo.invoice.created.v1", "9"),
    event("qbo.invoice.emailed.v1", "9"),
    event("qbo.invoice.created.v1", "9", other),
  ]);
  expect(changes.map(({ invoice }) => [invoice.account, invoice.externalId])).toEqual([
    [realm, "9"],
    ["77", "9"],
  ]);
  const merged = event("qbo.invoice.merged.v1", "9", { data: { deletedid: "8" } });
  expect(parse([merged]).map(({ invoice }) => invoice.externalId)).toEqual(["9", "8"]);
});

test("a body that is neither shape is dead with its reason, and has a key all the same", () => {
  expect(() => parse({ hello: 1 })).toThrow("neither an array of CloudEvents");
  expect(() => parse([event("qbo.invoice.created.v1", "")])).toThrow("0.intuitentityid");
  const key = (body: unknown) => receiver().dedupeKey(delivery(body));
  expect(key({ hello: 1 })).toBe(key({ hello: 1 }));
  expect(key({ hello: 1 })).not.toBe(key({ hello: 2 }));
  expect(key([event("qbo.invoice.created.v1", "9")])).toBe("evt-qbo.invoice.created.v1-9");
});
