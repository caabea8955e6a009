import { z } from "zod";
import { RequestError } from "#server/errors.ts";
import { type ConnectorHttp, defineAppConnector } from "./contract.ts";
import { acceptedAt, secretList, weakSecrets } from "./kit/secret-list.ts";
import { requireHeader, requireHmac } from "./kit/signature.ts";
import { quickBooksApi } from "./quickbooks-online/api.ts";
import { changedSince } from "./quickbooks-online/changed.ts";
import { fetchInvoice } from "./quickbooks-online/fetch.ts";
import { changesTold, keyOf } from "./quickbooks-online/notifications.ts";
import { aboutRow, QueryAnswer } from "./quickbooks-online/objects.ts";
import { companyName, homeCurrencyOf } from "./quickbooks-online/read.ts";
import { scenarios } from "./quickbooks-online/simulate.ts";
import { findNote, isTold, tellInvoice } from "./quickbooks-online/write-back.ts";

const AppSettings = z.object({
  clientId: z.string().min(1).meta({ title: "Client ID", description: "App, Keys & OAuth" }),
  environment: z
    .enum(["production", "sandbox"])
    .meta({ title: "Environment", description: "Each has its own keys, token and companies" }),
  apiUrl: z
    .url({ protocol: /^https?$/ })
    .optional()
    .meta({ title: "API address", description: "Intuit's own when empty" }),
});
type AppSettings = z.infer<typeof AppSettings>;

const AppSecrets = z.object({
  clientSecret: z.string().min(1).meta({ title: "Client secret" }),
  verifierToken: secretList(z.string().min(1)).meta({
    title: "Verifier token",
    description:
      "Of the app's webhooks; one a line while one is replaced, the old one as <secret> until <time>",
    usedAt: [],
  }),
});

const Settings = z.object({
  disputeField: z.string().trim().min(1).max(100).optional().meta({
    title: "Field for disputes",
    description: "Text field on the sales form that shows the dispute's state. Dispute when empty",
  }),
  promiseField: z.string().trim().min(1).max(100).optional().meta({
    title: "Field for promises",
    description: "Text field that shows the day a payment is promised for. Promise date when empty",
  }),
  usesPrivateNote: z.boolean().default(true).meta({
    title: "Use the private note",
    description:
      "Where that field is not on the form. Its words are neutral: statements may print it",
  }),
  writeOffItem: z.string().trim().min(1).max(100).optional().meta({
    title: "Bad-debt item",
    description: "Id or name of the item that write-offs are booked on",
  }),
  homeCurrency: z
    .string()
    .regex(/^[A-Z]{3}$/, "is no currency code such as USD")
    .optional()
    .meta({
      title: "Home currency",
      description: "Where invoices name none; read from the company's preferences when empty",
    }),
});

/** Where Intuit is; with `apiUrl` all of it is there. */
function hostsOf({ environment, apiUrl }: AppSettings) {
  const own = apiUrl?.replace(/\/+$/, "");
  const sandbox = environment === "sandbox" ? "sandbox-" : "";
  return {
    api: own ?? `https://${sandbox}quickbooks.api.intuit.com`,
    authorize: own ?? "https://appcenter.intuit.com",
    token: own ?? "https://oauth.platform.intuit.com",
    revoke: own ?? "https://developer.api.intuit.com",
  };
}

/** QuickBooks Online: thin notifications in for all companies of one app, notes and fields out. */
export const quickBooksOnline = defineAppConnector({
  name: "QuickBooks Online",
  kind: "accounting",
  settings: Settings,
  secrets: z.object({}),
  app: {
    settings: AppSettings,
    secrets: AppSecrets,
    faults: (_settings, { verifierToken }) => weakSecrets({ verifierToken }),
    setUp: [
      "developer.intuit.com, My Hub, App dashboard: create an app with the scope com.intuit.quickbooks.accounting. Development and Production have keys of their own: take all from one of the two.",
      "Keys & OAuth: copy client ID and client secret here, and add the redirect URI {callback}.",
      "Webhooks: endpoint {url}, tick Invoice, Payment and Credit memo with all operations, save, and copy the verifier token (Show verifier token) here. Both formats of the payload are understood.",
      "In QuickBooks, Gear, Custom fields: add the text fields Dispute and Promise date to the sales forms and show them on invoices. Without them only notes on the invoice tell of disputes.",
      "Connect each company here, signed in to Intuit as one of its administrators. The first notification may take five minutes.",
    ],
    answersUnusable: false,
    accepted: { status: 200 },
    // Intuit, "Webhooks": base64 of HMAC-SHA256 over the raw body under the app's verifier token.
    verify({ headers, body, receivedAt }, { verifierToken }) {
      requireHmac({
        algorithm: "sha256",
        keys: acceptedAt(verifierToken, receivedAt),
        signed: [body],
        signatures: [requireHeader(headers, "intuit-signature")],
        encoding: "base64",
      });
    },
    dedupeKey: ({ body }) => keyOf(body),
    parse: ({ body }) => changesTold(body),
    simulate: scenarios,
    oauth(settings, { clientSecret }) {
      const { authorize, token, revoke } = hostsOf(settings);
      return {
        authorizeUrl: `${authorize}/connect/oauth2`,
        tokenUrl: `${token}/oauth2/v1/tokens/bearer`,
        revokeUrl: `${revoke}/v2/oauth2/tokens/revoke`,
        clientId: settings.clientId,
        clientSecret,
        scopes: ["com.intuit.quickbooks.accounting"],
        pkce: false,
      };
    },
    // A grant is for the one company that was chosen on Intuit's page.
    async organisations({ http, token, callback, settings }) {
      const account = callback.get("realmId") ?? "";
      if (!/^\d{1,30}$/.test(account)) {
        throw new RequestError(422, "Intuit did not say which company was connected (realmId)");
      }
      const same = async () => token;
      const api = apiOf(http, settings, { account, token: same, renew: same });
      return [{ account, name: await companyName(api, account) }];
    },
  },
  api: (settings, _secrets, http, { app, ...organisation }) => {
    const api = apiOf(http, app, organisation);
    return {
      api,
      settings,
      homeCurrency: homeCurrencyOf(api, settings.homeCurrency),
      state: {
        disputeField: settings.disputeField ?? "Dispute",
        promiseField: settings.promiseField ?? "Promise date",
        usesPrivateNote: settings.usesPrivateNote,
      },
    };
  },
  fetch: (ref, reader) => fetchInvoice(ref, reader),
  // What was deleted QuickBooks says itself (610), so what is missing is another company's.
  whenMissing: "hidden",
  changedSince: (since, cursor, reader) => changedSince(since, cursor, reader),
  canWriteBack: (event) => isTold(event),
  writeBack: (request, writer) => tellInvoice(request, writer),
  findWriteBack: (request, writer) => findNote(request, writer),
  async test({ api }) {
    const query = "select * from Invoice orderby MetaData.LastUpdatedTime desc maxresults 1";
    const { QueryResponse } = await api.get("/query", { query }, QueryAnswer);
    const [newest] = QueryResponse.Invoice;
    if (newest === undefined) return "QuickBooks answers; there is no invoice yet";
    return `QuickBooks answers; the invoice that changed last is ${aboutRow(newest).number}`;
  },
});

type Company = Omit<Parameters<typeof quickBooksApi>[1], "baseUrl">;

function apiOf(http: ConnectorHttp, app: AppSettings, company: Company) {
  return quickBooksApi(http, { ...company, baseUrl: hostsOf(app).api });
}
