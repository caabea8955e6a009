import { z } from "zod";
import type { Change, InvoiceRef } from "#domain/change.ts";
import { RequestError, UpstreamError } from "#server/errors.ts";
import { type Answer, type ConnectorHttp, defineConnector, type Delivery } from "./contract.ts";
import { cloudEventKey, cloudEventsMode, readCloudEvent } from "./kit/cloud-events.ts";
import { eachApart, textIn } from "./kit/apart.ts";
import { IdText, parseJson, readValue } from "./kit/json.ts";
import { clientCredentials } from "./kit/oauth.ts";
import type { RequestHeaders } from "./kit/request-headers.ts";
import { readAnswer, restApi } from "./kit/rest.ts";
import { acceptedAt, secretList, weakSecrets } from "./kit/secret-list.ts";
import {
  isUsablePublicKey,
  isUsableSecret,
  messageId,
  requireStandardSignature,
  standardWeakness,
} from "./kit/standard-signature.ts";
import { readChanges } from "./standard-webhooks/read-event.ts";
import { simulate } from "./standard-webhooks/simulate.ts";
import { toChanges } from "./standard-webhooks/snapshot.ts";
import { WireInvoice } from "./standard-webhooks/wire.ts";
import { isTold, sendEvent } from "./standard-webhooks/write-back.ts";

const Secret = z
  .string()
  .refine(isUsableSecret, "is no signing secret: whsec_ and base64 of 24 to 64 random bytes");
const Settings = z.object({
  writeBackUrl: z
    .url({ protocol: /^https?$/ })
    .optional()
    .meta({ title: "Write-back address", description: "Disputes, comments and promises go there" }),
  fetchUrl: z
    .url({ protocol: /^https?$/ })
    .optional()
    .meta({
      title: "Fetch address",
      description: "Base of GET /invoices and /invoices/{externalId}",
    }),
  tokenUrl: z
    .url({ protocol: /^https?$/ })
    .optional()
    .meta({ title: "Token address", description: "OAuth 2 client credentials for fetching" }),
  clientId: z.string().min(1).optional().meta({ title: "OAuth client id" }),
  scope: z.string().min(1).optional().meta({ title: "OAuth scope" }),
  allowedOrigins: z.array(z.string().min(1)).optional().meta({
    title: "Allowed origins",
    description: "Hosts that may ask by OPTIONS whether they may send (CloudEvents)",
  }),
});

const Secrets = z
  .object({
    webhookSecret: secretList(Secret).optional().meta({
      title: "Signing secret",
      description:
        "whsec_…; one a line while one is replaced, the old one as <secret> until <time>",
      usedAt: [],
    }),
    publicKey: z
      .string()
      .refine(isUsablePublicKey, "is no public key: whpk_ and base64 of 32 bytes")
      .optional()
      .meta({
        title: "Public key",
        description: "whpk_…, for ed25519 signatures (v1a)",
        usedAt: [],
      }),
    writeBackSecret: Secret.optional().meta({
      title: "Write-back secret",
      description: "whsec_…",
      usedAt: ["writeBackUrl"],
    }),
    fetchToken: z
      .string()
      .min(1)
      .optional()
      .meta({ title: "Fetch token", usedAt: ["fetchUrl"] }),
    clientSecret: z
      .string()
      .min(1)
      .optional()
      .meta({ title: "OAuth client secret", usedAt: ["tokenUrl", "fetchUrl"] }),
  })
  .refine(
    ({ webhookSecret, publicKey }) => webhookSecret !== undefined || publicKey !== undefined,
    { error: "either webhookSecret or publicKey is needed", path: ["webhookSecret"] },
  );
type Secrets = z.infer<typeof Secrets>;

const Page = z.object({ data: z.array(z.unknown()), next: z.string().nullish() });

/** Any system that speaks our own format, signed by Standard Webhooks, in CloudEvents or plain. */
export const standardWebhooks = defineConnector({
  name: "Standard Webhooks",
  kind: "erp",
  settings: Settings,
  secrets: Secrets,
  faults: ({ writeBackUrl, tokenUrl, clientId }, secrets) => [
    ...weakSecrets(
      { webhookSecret: secrets.webhookSecret, writeBackSecret: secrets.writeBackSecret },
      standardWeakness,
    ),
    ...(writeBackUrl !== undefined && secrets.writeBackSecret === undefined
      ? [missing("secrets.writeBackSecret", "the write-back address: nothing could be signed")]
      : []),
    ...(tokenUrl !== undefined && clientId === undefined
      ? [missing("settings.clientId", "the token address")]
      : []),
    ...(tokenUrl !== undefined && secrets.clientSecret === undefined
      ? [missing("secrets.clientSecret", "the token address")]
      : []),
  ],
  setUp: [
    "Send each business event as JSON by POST to {url}.",
    "Sign it by Standard Webhooks 1.0 with the signing secret; npm standardwebhooks does it.",
    "When the answer is not 2xx, send the same webhook-id again with a fresh timestamp.",
    "To be told of disputes, comments and promises, name your address and its second secret.",
  ],
  answersUnusable: true,
  accepted: { status: 204 },
  api(settings, secrets, http) {
    const { fetchUrl, writeBackUrl } = settings;
    const { writeBackSecret } = secrets;
    return {
      http,
      lacksSecret: writeBackUrl !== undefined && writeBackSecret === undefined,
      rest:
        fetchUrl === undefined ? null : restApi(http, fetchUrl, bearer(settings, secrets, http)),
      target:
        writeBackUrl !== undefined && writeBackSecret !== undefined
          ? { url: writeBackUrl, secret: writeBackSecret }
          : null,
    };
  },
  handshake: ({ method, headers }, { allowedOrigins }) =>
    method === "OPTIONS" ? greet(headers, allowedOrigins ?? []) : undefined,
  verify(delivery, { webhookSecret, publicKey }) {
    const secrets = acceptedAt(webhookSecret, delivery.receivedAt);
    requireStandardSignature(delivery, { secrets, publicKey });
    // ce-* headers are not signed, so the id that is has to be the same.
    const isBinary = cloudEventsMode(delivery) === "binary";
    if (isBinary && delivery.headers.get("ce-id") !== messageId(delivery.headers)) {
      throw new RequestError(401, "ce-id differs from webhook-id, and only the latter is signed");
    }
  },
  isPing: (delivery) => isPing(delivery),
  dedupeKey: (delivery) => structuredKey(delivery) ?? messageId(delivery.headers),
  parse: (delivery) => readChanges(delivery),
  simulate,
  canFetch: ({ fetchUrl }) => fetchUrl !== undefined,
  async fetch({ externalId, number }, { http, rest }) {
    if (!rest) throw notSetUp(http.name, "fetchUrl");
    const name = externalId ?? number ?? "";
    const answer = await rest.ask(`/invoices/${encodeURIComponent(name)}`, { method: "GET" });
    if (answer.status === 404) return null;
    if (answer.status === 410) return [gone({ externalId, number }, http.now())];
    const row = readAnswer(http, {
      method: "GET",
      schema: z.looseObject({ number: IdText }),
      answer,
    });
    return toChanges(readValue(WireInvoice, row));
  },
  // 404 is also what a wrong address answers; 410 says that the invoice was deleted.
  whenMissing: "hidden",
  async changedSince(since, cursor, { http, rest }) {
    if (!rest) throw notSetUp(http.name, "fetchUrl");
    const query = new URLSearchParams({ updated_since: since, limit: "100" });
    if (cursor !== null) query.set("cursor", cursor);
    const { data, next } = await rest.get(`/invoices?${query}`, Page);
    const read = await eachApart(
      data,
      (row) =>
        `Invoice ${textIn(row, "number") ?? textIn(row, "externalId") ?? "without a number"}`,
      (row) => toChanges(readValue(WireInvoice, row)),
    );
    return { ...read, next: next ?? null };
  },
  canWriteBack: (event, { writeBackUrl }, { writeBackSecret }) =>
    isTold(event) && writeBackUrl !== undefined && writeBackSecret !== undefined,
  async writeBack(request, { http, target }) {
    if (!target) throw notSetUp(http.name, "writeBackUrl and writeBackSecret");
    return sendEvent(http, target, request);
  },
  async test({ http, rest, target, lacksSecret }) {
    if (lacksSecret) throw notSetUp(http.name, "nothing is written back: writeBackSecret");
    if (rest) {
      await rest.get("/invoices?limit=1", Page);
      return "The fetch address answers and takes our token";
    }
    if (target) return "The write-back address is set; it is called with the first dispute";
    return "Nothing was called: it only sends, since neither fetchUrl nor writeBackUrl is set";
  },
});

function gone(ref: InvoiceRef, now: Date): Change {
  const version = now.toISOString();
  return { kind: "invoice", invoice: { ...ref, version, state: "void", isGone: true } };
}

function missing(field: string, what: string): [string, string] {
  return [field, `is needed for ${what}`];
}

function bearer(settings: z.infer<typeof Settings>, secrets: Secrets, http: ConnectorHttp) {
  const { tokenUrl, clientId, scope } = settings;
  const { clientSecret, fetchToken } = secrets;
  if (tokenUrl !== undefined && clientId !== undefined && clientSecret !== undefined) {
    const token = clientCredentials(http, { tokenUrl, clientId, clientSecret, scope });
    return async () => ({ authorization: `Bearer ${await token()}` });
  }
  return (): Record<string, string> =>
    fetchToken === undefined ? {} : { authorization: `Bearer ${fetchToken}` };
}

/** CloudEvents' HTTP webhook handshake: only hosts that were listed may send. Others get the usual answer. */
function greet(headers: RequestHeaders, allowed: readonly string[]): Answer | undefined {
  const origin = headers.get("webhook-request-origin");
  if (origin === null || !(allowed.includes("*") || allowed.includes(origin))) return undefined;
  const rate = { "webhook-allowed-origin": origin, "webhook-allowed-rate": "100" };
  return { status: 200, headers: { ...rate, allow: "POST" } };
}

/** A CloudEvent is one event by its source and id, whatever message carries it. */
function structuredKey(delivery: Delivery): string | undefined {
  if (cloudEventsMode(delivery) !== "structured") return undefined;
  try {
    return cloudEventKey(readCloudEvent(delivery));
  } catch (error) {
    if (error instanceof RequestError) return undefined; // `parse` says what is wrong with it
    throw error;
  }
}

function isPing({ headers, body }: Delivery): boolean {
  if (headers.get("ce-type") === "ping") return true;
  // Only short bodies are pings, and what is no JSON is refused when it is read.
  if (body.length > 2000 || !body.includes('"ping"')) return false;
  try {
    return z.object({ type: z.literal("ping") }).safeParse(parseJson(body)).success;
  } catch (error) {
    if (error instanceof RequestError) return false;
    throw error;
  }
}

function notSetUp(name: string, what: string): UpstreamError {
  return new UpstreamError(`${name}: ${what} is not set`, { outcome: "not_sent", retryAt: null });
}
