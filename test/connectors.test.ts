import { describe, expect, test } from "vitest";
import { Change } from "#domain/change.ts";
import { RequestError, UpstreamError } from "#server/errors.ts";
import { connectors } from "#server/connectors/index.ts";
import { moveRow } from "./connectors/odoo-records.ts";
import { openOdoo } from "./connectors/odoo-server.ts";
import { disputeOpened } from "./connectors/requests.ts";
import { samplesOf, type Sample } from "./connectors/samples.ts";
import { type Asked, type Reply, startStandIn, testHttp } from "./connectors/stand-in.ts";

interface Subject {
  settings: (url: string) => object;
  secrets: object;
  /** Of a system whose vendor's app receives: the app's own. */
  app?: { settings: (url: string) => object; secrets: object };
  clock?: Date;
  /** The header with the signature; a sample without it shows its secret in another way. */
  signature: string;
  /** Nothing says when a signature was made, so that old ones cannot be refused. */
  isTimeless?: true;
  /** An invoice's id there. */
  externalId?: string;
  /** What the stand-in answers to a write-back, and the receipt that comes of it. */
  accepted: (asked: Asked) => Reply | undefined;
  receipt: object;
}

const odoo = openOdoo();
odoo.moves.push(moveRow({ id: 341 }));

const stripeMetadata = {
  portal_dispute_id: "D-INV-1001-01",
  portal_dispute_status: "open",
  portal_dispute_reason: "quantity_incorrect",
  portal_dispute_amount: "12000",
  portal_dispute_opened_at: "2026-11-20T09:59:00.000Z",
  portal_dispute_message: "Two pieces are missing",
  portal_dispute_url: "https://portal.example/invoices/inv_1",
};

const quickBooksAnswer = {
  Invoice: {
    ...{ Id: "145", SyncToken: "0", MetaData: { LastUpdatedTime: "2026-11-10T06:22:30-08:00" } },
    ...{ TotalAmt: 10, Balance: 10, CurrencyRef: { value: "USD" } },
  },
  Attachable: { Id: "5001" },
  QueryResponse: {},
};

const subjects: Record<string, Subject> = {
  "standard-webhooks": {
    settings: (url) => ({ writeBackUrl: `${url}/portal`, fetchUrl: url }),
    secrets: {
      webhookSecret: ["whsec_dGVzdC1zZWNyZXQtc3RhbmRhcmQtd2ViaG9va3M="],
      publicKey: "whpk_2ndOeBhH4WLr4VOG/55+gITbVv67xiyez4p1NQhbTVQ=",
      writeBackSecret: "whsec_c2Vjb25kLXNlY3JldC1mb3Itd3JpdGluZy1iYWNr",
    },
    clock: new Date("2026-11-20T10:00:00.000Z"),
    signature: "webhook-signature",
    accepted: () => ({ status: 200, body: { reference: "CASE-001" } }),
    receipt: { reference: "CASE-001", readBack: false, answer: '200 {"reference":"CASE-001"}' },
  },
  stripe: {
    settings: (url) => ({ apiUrl: url }),
    secrets: { webhookSecret: "test-secret-stripe", apiKey: "rk_test_1" },
    signature: "stripe-signature",
    accepted: () => ({
      status: 200,
      body: {
        ...{ object: "invoice", id: "in_4711", number: "NWT-1", status: "open", currency: "eur" },
        ...{ created: 1, total: 1, amount_paid: 0, amount_remaining: 1 },
        metadata: { erp_ref: "SO-1", ...stripeMetadata },
      },
    }),
    receipt: { reference: "in_4711", readBack: true, answer: "200" },
  },
  odoo: {
    settings: (url) => ({ url }),
    secrets: { webhookSecret: "test-secret-odoo", apiKey: "key-of-portal-bot" },
    clock: new Date("2026-11-20T08:00:00.000Z"),
    signature: "webhook-signature",
    externalId: "341",
    accepted: (asked) => odoo.answer(asked),
    receipt: { reference: "9002", readBack: true, answer: "Note 9002 on invoice 341" },
  },
  xero: {
    settings: () => ({}),
    secrets: {},
    app: {
      settings: (url) => ({ clientId: "client-1", apiUrl: url }),
      secrets: { webhookKey: ["a-new-key", "test-secret-xero"], clientSecret: "secret-1" },
    },
    signature: "x-xero-signature",
    isTimeless: true,
    clock: new Date("2026-11-20T10:00:00.000Z"),
    externalId: "a03ffcd2-5d91-4c7e-b483-318584e9e439",
    // The note comes back as it was entered, with its time.
    accepted: ({ body }) => ({
      status: 200,
      body: {
        HistoryRecords: [
          { ...JSON.parse(body.toString()).HistoryRecords[0], DateUTC: "/Date(1795168800000)/" },
        ],
      },
    }),
    receipt: {
      ...{ reference: null, readBack: true },
      answer: "a note in the history of 2026-11-20T10:00:00.000Z",
    },
  },
  "quickbooks-online": {
    settings: () => ({}),
    secrets: {},
    app: {
      settings: (url) => ({ clientId: "client-1", environment: "sandbox", apiUrl: url }),
      secrets: { clientSecret: "secret-1", verifierToken: "test-secret-quickbooks-online" },
    },
    clock: new Date("2026-11-20T10:00:00.000Z"),
    signature: "intuit-signature",
    isTimeless: true,
    externalId: "145",
    accepted: () => ({ status: 200, body: quickBooksAnswer }),
    receipt: { reference: "5001", readBack: false, answer: "Note 5001 was added" },
  },
};

test("every connector is under this contract", () => {
  expect(Object.keys(subjects).sort()).toEqual([...connectors.keys()].sort());
});

describe.each(Object.entries(subjects))("%s", (slug, subject) => {
  const samples = samplesOf(slug, subject.clock);
  const signed = samples.filter(({ headers }) => headers.get(subject.signature) !== null);
  const { externalId = "in_4711" } = subject;
  const toTell = { ...disputeOpened, invoice: { ...disputeOpened.invoice, externalId } };
  const nowhere = "http://127.0.0.1:1";
  /** What receives: the app where there is one. */
  const receiver = () => {
    const { app } = subject;
    if (!app) return bound();
    const receives = listed().app?.bind(app.settings(nowhere), app.secrets, testHttp());
    if (!receives) throw new Error(`${slug} has no app`);
    return receives;
  };
  /** What is asked and told. */
  const bound = (url = nowhere) => {
    const { settings, secrets, app } = subject;
    const organisation = app && {
      account: "account-1",
      app: app.settings(url),
      token: async () => "token-1",
      renew: async () => "token-2",
    };
    return listed().bind(settings(url), secrets, testHttp(), organisation);
  };
  const listed = () => {
    const connector = connectors.get(slug);
    if (!connector) throw new Error(`${slug} is not in the list`);
    return connector;
  };
  const refuses = (sample: Sample) => {
    expect(() => receiver().verify(sample), sample.file).toThrow(RequestError);
  };

  test("accepts each of its samples at the time it was signed", () => {
    expect(samples.length).toBeGreaterThan(4);
    for (const sample of samples) receiver().verify(sample);
  });

  test("refuses a signed sample with one byte changed, wherever it is", () => {
    expect(signed).not.toEqual([]);
    for (const sample of signed) {
      for (const at of [0, sample.body.length >> 1, sample.body.length - 1]) {
        const body = Buffer.from(sample.body);
        body[at] = (body[at] ?? 0) ^ 1;
        refuses({ ...sample, body });
      }
    }
  });

  test.skipIf(subject.isTimeless)("refuses a sample 301 seconds after it was signed", () => {
    for (const sample of signed) {
      const later = (ms: number) => new Date(sample.receivedAt.getTime() + ms);
      receiver().verify({ ...sample, receivedAt: later(300_000) });
      refuses({ ...sample, receivedAt: later(301_000) });
    }
  });

  test("refuses a sample without its signature, and with an empty one", () => {
    for (const sample of signed) {
      const headers = new Headers([...sample.headers]);
      headers.set(subject.signature, "");
      refuses({ ...sample, headers });
      headers.delete(subject.signature);
      refuses({ ...sample, headers });
    }
  });

  test("reads the same bytes to the same changes, each a valid one, and leaves them untouched", () => {
    for (const sample of samples) {
      const before = Buffer.from(sample.body);
      const { changes } = receiver().parse(sample);
      expect(receiver().parse({ ...sample, receivedAt: new Date(0) }).changes, sample.file).toEqual(
        changes,
      );
      for (const change of changes) Change.parse(change);
      expect(changes.length, sample.file).toBeGreaterThan(0);
      expect(sample.body.equals(before)).toBe(true);
    }
  });

  test("gives each sample one key or none, the same each time, and no two the same", () => {
    const keys = samples.map((sample) => receiver().dedupeKey(sample));
    expect(samples.map((sample) => receiver().dedupeKey(sample))).toEqual(keys);
    const given = keys.filter((key) => key !== null);
    expect(new Set(given).size).toBe(given.length);
    expect(given.length).toBeGreaterThan(0);
  });

  test("what is simulated is taken as if the system had sent it, the same for the same seed", () => {
    const now = new Date("2026-11-20T10:00:00.000Z");
    for (const [scenario, simulate] of Object.entries(receiver().simulations)) {
      const requests = simulate({ now, seed: 7, account: "account-1" });
      expect(simulate({ now, seed: 7, account: "account-1" }), scenario).toEqual(requests);
      expect(simulate({ now, seed: 8, account: "account-1" }), scenario).not.toEqual(requests);
      const changes = requests.flatMap(({ method, query, headers, body }) => {
        const sent = { method, query, headers: new Headers(headers), body: Buffer.from(body) };
        const delivery = { ...sent, receivedAt: now };
        receiver().verify(delivery);
        return receiver().parse(delivery).changes;
      });
      for (const change of changes) Change.parse(change);
      expect(changes.length, scenario).toBeGreaterThan(0);
    }
  });

  test("a dispute reaches the system under its key, and the answer is its receipt", async () => {
    await using system = await startStandIn(subject.accepted);
    expect(bound().canWriteBack("dispute.opened")).toBe(true);
    const receipt = await bound(system.url).writeBack?.(toTell);
    expect(receipt).toEqual(subject.receipt);
    const calls = system.asked.map(({ headers, path, body }) =>
      decodeURIComponent(`${JSON.stringify(headers)} ${path} ${body}`.replaceAll("+", " ")),
    );
    const told = calls.filter((call) => call.includes("Two pieces are missing"));
    expect(told.length).toBeGreaterThan(0);
    for (const call of told) expect(call).toContain(toTell.key);
  });

  test.each([
    [429, { "retry-after": "120" }, "refused", "2026-11-20T10:02:00.000Z"],
    [
      503,
      { "retry-after": "Fri, 20 Nov 2026 10:05:00 GMT" },
      "refused",
      "2026-11-20T10:05:00.000Z",
    ],
    [503, {}, "refused", undefined],
    [401, {}, "refused", undefined],
  ])("an answer %i with %o is tried again", async (status, headers, outcome, retryAt) => {
    await using system = await startStandIn(() => ({ status, headers, body: { error: "no" } }));
    const failure = await failureOf(bound(system.url).writeBack?.(toTell));
    expect(failure).toMatchObject({ status, outcome, retryAt });
  });

  test("a connection cut after sending leaves it unknown whether the system did it", async () => {
    await using system = await startStandIn((asked) =>
      asked.method === "GET" ? subject.accepted(asked) : undefined,
    );
    const failure = await failureOf(bound(system.url).writeBack?.(toTell));
    expect(failure).toMatchObject({ outcome: "unknown", retryAt: undefined });
  });

  test("a system that is not there was not told", async () => {
    const failure = await failureOf(bound("http://127.0.0.1:1").writeBack?.(toTell));
    expect(failure).toMatchObject({ outcome: "not_sent", retryAt: undefined });
  });

  test("a redirect is not followed", async () => {
    await using other = await startStandIn(subject.accepted);
    const headers = { location: `${other.url}/` };
    await using system = await startStandIn(() => ({ status: 307, headers }));
    expect(await failureOf(bound(system.url).writeBack?.(toTell))).toMatchObject({
      status: 307,
    });
    expect(other.asked).toEqual([]);
  });

  test("an invoice is asked for, and an answer that is none is the system's failure", async () => {
    await using system = await startStandIn(() => ({ status: 200, body: { hello: 1 } }));
    const failure = await failureOf(bound(system.url).fetch?.({ externalId }));
    expect(failure).toMatchObject({ status: 200, outcome: "refused" });
    const body = { name: "odoo.exceptions.MissingError", message: "It was deleted." };
    await using empty = await startStandIn(() => ({ status: 404, body }));
    expect(await bound(empty.url).fetch?.({ externalId })).toBeNull();
  });
});

async function failureOf(work: Promise<unknown> | undefined): Promise<UpstreamError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof UpstreamError) return error;
    throw error;
  }
  throw new Error("It did not fail");
}
