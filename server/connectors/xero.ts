import { z } from "zod";
import { type ConnectorApp, defineAppConnector } from "./contract.ts";
import { acceptedAt, secretList, weakSecrets } from "./kit/secret-list.ts";
import { requireHeader, requireHmac } from "./kit/signature.ts";
import { readAnswer } from "./kit/rest.ts";
import { xeroApi } from "./xero/api.ts";
import {
  changesNotified,
  isIntentToReceive,
  notificationKey,
  sequenceOf,
} from "./xero/notification.ts";
import { changedSince, fetchInvoice, invoiceLoader } from "./xero/read.ts";
import { simulations } from "./xero/simulate.ts";
import { aboutRow, XeroInvoices } from "./xero/wire.ts";
import { findRequest, isTold, writeRequest } from "./xero/write-back.ts";

const Address = z.url({ protocol: /^https?$/ });

const AppSettings = z.object({
  clientId: z.string().min(1).meta({ title: "Client id", description: "My Apps, Configuration" }),
  scopes: z.array(z.string().min(1)).optional().meta({
    title: "Scopes",
    description:
      "One a line. When empty, those of apps made since 2 March 2026; older apps: accounting.transactions, accounting.contacts.read, accounting.settings.read, offline_access",
  }),
  apiUrl: Address.optional().meta({
    title: "API address",
    description: "https://api.xero.com when empty",
  }),
  loginUrl: Address.optional().meta({
    title: "Sign-in address",
    description: "https://login.xero.com when empty",
  }),
  identityUrl: Address.optional().meta({
    title: "Token address",
    description: "https://identity.xero.com when empty",
  }),
});
type AppSettings = z.infer<typeof AppSettings>;

const AppSecrets = z.object({
  webhookKey: secretList(z.string().min(1)).meta({
    title: "Webhook signing key",
    description: "My Apps, Webhooks; used as it is shown",
    usedAt: [],
  }),
  clientSecret: z.string().min(1).meta({ title: "Client secret" }),
});
type AppSecrets = z.infer<typeof AppSecrets>;

const Settings = z.object({
  writeOffAccount: z.string().min(1).optional().meta({
    title: "Account of bad debts",
    description: "Its code: an invoice that a credit note against it settled shows as written off",
  }),
  noteLength: z.int().min(200).max(2500).optional().meta({
    title: "Longest note",
    description: "Characters; longer texts become several notes. 450 when empty",
  }),
});

const apiUrlOf = ({ apiUrl }: AppSettings) => apiUrl ?? "https://api.xero.com";
const defaultScopes = [
  "offline_access",
  "accounting.invoices",
  "accounting.payments.read",
  "accounting.contacts.read",
  "accounting.settings.read",
];

/** One address and signing key for all organisations of the app (Xero, "Configuring your server"). */
const app: ConnectorApp<AppSettings, AppSecrets> = {
  settings: AppSettings,
  secrets: AppSecrets,
  faults: (_settings, { webhookKey }) => weakSecrets({ webhookKey }),
  setUp: [
    "developer.xero.com, My Apps, New app, Web app: give {callback} as redirect URI. Copy the client id, generate a secret.",
    "In the app, Webhooks: choose Invoices and Credit notes, delivery address {url}, Save. Copy the webhook signing key and save this connection.",
    "Only then press Send intent to receive in Xero, and wait until its status is OK.",
    "On this page, Connect an organisation, once for each: its adviser or standard user signs in and allows access.",
  ],
  answersUnusable: false,
  // Xero takes anything but an empty body without cookies for a failure.
  accepted: { status: 200, headers: { "content-length": "0" } },
  refusesSilently: true,
  // Xero, "Configuring your server": base64 of HMAC-SHA256 over the raw body, with the key's text.
  verify({ headers, body, receivedAt }, { webhookKey }) {
    requireHmac({
      algorithm: "sha256",
      keys: acceptedAt(webhookKey, receivedAt),
      signed: [body],
      encoding: "base64",
      signatures: [requireHeader(headers, "x-xero-signature")],
    });
  },
  isPing: isIntentToReceive,
  dedupeKey: notificationKey,
  parse: changesNotified,
  simulate: simulations,
  sequence: sequenceOf,
  oauth({ clientId, scopes, loginUrl, identityUrl }, { clientSecret }) {
    const login = loginUrl ?? "https://login.xero.com";
    const identity = identityUrl ?? "https://identity.xero.com";
    return {
      authorizeUrl: `${login}/identity/connect/authorize`,
      tokenUrl: `${identity}/connect/token`,
      revokeUrl: `${identity}/connect/revocation`,
      ...{ clientId, clientSecret, scopes: scopes ?? defaultScopes, pkce: false },
    };
  },
  async organisations({ http, token, settings }) {
    const url = `${apiUrlOf(settings)}/connections`;
    const headers = { accept: "application/json", authorization: `Bearer ${token}` };
    const answer = await http.request({ method: "GET", url, headers });
    const tenants = readAnswer(http, { method: "GET", schema: z.array(Tenant), answer });
    return tenants
      .filter(({ tenantType }) => tenantType === "ORGANISATION")
      .map(({ tenantId, tenantName }) => ({ account: tenantId.toLowerCase(), name: tenantName }));
  },
};

const Tenant = z.object({
  tenantId: z.string().min(1),
  tenantType: z.string(),
  tenantName: z.string().min(1),
});

/** Xero: thin notifications in, invoices read; notes in the history and expected payment dates out. */
export const xero = defineAppConnector({
  name: "Xero",
  kind: "accounting",
  settings: Settings,
  secrets: z.object({}),
  app,
  api({ writeOffAccount, noteLength }, _secrets, http, organisation) {
    const api = xeroApi(http, { baseUrl: apiUrlOf(organisation.app), organisation });
    const load = invoiceLoader(api);
    return { api, load, writeOffAccount, noteLength: noteLength ?? 450 };
  },
  fetch: (ref, reader) => fetchInvoice(ref, reader),
  // Xero keeps what was voided or deleted, so what is missing is another organisation's.
  whenMissing: "hidden",
  changedSince: (since, cursor, reader) => changedSince(since, cursor, reader),
  canWriteBack: isTold,
  writeBack: (request, writer) => writeRequest(request, writer),
  findWriteBack: (request, writer) => findRequest(request, writer),
  async test({ api }) {
    const query = new URLSearchParams({
      ...{ page: "1", pageSize: "1" },
      ...{ where: 'Type=="ACCREC"', order: "UpdatedDateUTC DESC" },
    });
    const { Invoices } = await api.get(`/Invoices?${query}`, XeroInvoices);
    const [newest] = Invoices;
    if (newest === undefined) return "Xero answers; there is no invoice yet";
    const { number } = aboutRow(newest);
    return `Xero answers; the invoice changed last is ${number}`;
  },
});
