import { z } from "zod";
import type { Change } from "#domain/change.ts";
import { RequestError } from "#server/errors.ts";
import { listedApp } from "#server/connectors/bind.ts";
import { defineAppConnector } from "#server/connectors/contract.ts";
import { withToken } from "#server/connectors/kit/bearer.ts";
import { readJson } from "#server/connectors/kit/json.ts";
import { restApi } from "#server/connectors/kit/rest.ts";
import { hmac } from "#server/connectors/kit/signature.ts";
import { listForThisFile } from "./list-connector.ts";

const Notice = z.object({ events: z.array(z.object({ account: z.string(), id: z.string() })) });
const Invoice = z.object({
  id: z.string(),
  number: z.string(),
  total: z.int(),
  paid: z.int(),
  revision: z.int(),
  changedAt: z.string(),
});
const Page = z.object({ invoices: z.array(Invoice), next: z.string().nullable() });
const Organisations = z.array(z.object({ account: z.string(), name: z.string() }));

/** The connector to the vendor of `startVendor`: the shortest one that has an app. */
const vendorCloud = defineAppConnector({
  name: "Vendor Cloud",
  kind: "accounting",
  settings: z.object({}),
  secrets: z.object({}),
  api: (_settings, _secrets, http, organisation) =>
    restApi(
      withToken(http, organisation),
      `${organisation.app.url}/${organisation.account}`,
      () => ({}),
    ),
  async fetch({ externalId }, api) {
    const found = await api.find(`/invoices/${externalId}`, Invoice);
    return found && snapshotOf(found);
  },
  async changedSince(since, cursor, api) {
    const query = new URLSearchParams({ since, ...(cursor !== null && { cursor }) });
    const { invoices, next } = await api.get(`/invoices?${query}`, Page);
    const changes = invoices.map((invoice): Change => ({
      kind: "invoice",
      invoice: snapshotOf(invoice),
    }));
    return { changes, next };
  },
  test: async () => "It answers",
  app: {
    settings: z.object({ url: z.string() }),
    secrets: z.object({ clientSecret: z.string(), signingKey: z.string() }),
    setUp: ["Paste {url} there, and {callback} as the redirect address."],
    answersUnusable: false,
    accepted: { status: 200 },
    verify({ headers, body }, { signingKey }) {
      const expected = hmac({ algorithm: "sha256", key: signingKey, signed: [body] }, "hex");
      if (expected === headers.get("vendor-signature")) return;
      throw new RequestError(401, "The signature is wrong");
    },
    dedupeKey: ({ headers }) => headers.get("vendor-signature"),
    parse: ({ body }) =>
      readJson(Notice, body).events.map(({ account, id }): Change => ({
        kind: "fetch",
        invoice: { account, externalId: id },
      })),
    oauth: ({ url }, { clientSecret }) => ({
      ...{ authorizeUrl: `${url}/authorize`, tokenUrl: `${url}/token`, revokeUrl: `${url}/revoke` },
      ...{ clientId: "portal", clientSecret, scopes: ["invoices"], pkce: true },
    }),
    organisations: ({ http, token, settings: { url } }) =>
      restApi(http, url, () => ({ authorization: `Bearer ${token}` })).get(
        "/organisations",
        Organisations,
      ),
  },
});

function snapshotOf({ id, number, total, paid, revision }: z.infer<typeof Invoice>) {
  const currency = "EUR";
  return {
    ...{ externalId: id, number, version: revision, currency },
    customer: { externalId: "c1", name: "Kestrel Ltd" },
    state: "issued" as const,
    total: { amount: total, currency },
    paid: { amount: paid, currency },
    due: { amount: total - paid, currency },
    dueOn: "2027-01-31",
  };
}

/** Puts the connector in the list while this file's tests run, as `vendor-cloud`. */
export function addVendorConnector(): void {
  listForThisFile("vendor-cloud", listedApp(vendorCloud));
}

/** An app connection `cloud` to the vendor at this address. */
export function vendorApp(url: string) {
  const secrets = { clientSecret: "client-secret", signingKey: "vendor-signing-key" };
  return { id: "cloud", system: "vendor-cloud", settings: { url }, secrets };
}
