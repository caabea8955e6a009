import { connectors } from "#server/connectors/index.ts";
import { clientId, clientSecret } from "./fake-xero-identity.ts";
import { type FakeXero, tenants, webhookKey } from "./fake-xero.ts";
import { testHttp } from "./stand-in.ts";

/** The connector, whose app is there. */
export function listedXero() {
  const xero = connectors.get("xero");
  if (!xero?.app) throw new Error("Xero has no app");
  return { ...xero, app: xero.app };
}

/** The app's connection; `url`: a stand-in for all of Xero's addresses. */
export function xeroApp(url?: string) {
  const addresses = url === undefined ? {} : { apiUrl: url, loginUrl: url, identityUrl: url };
  const settings = { clientId, ...addresses };
  return listedXero().app.bind(settings, { webhookKey, clientSecret }, testHttp());
}

interface Given {
  settings?: object;
  http?: ReturnType<typeof testHttp>;
}

/** An organisation's connection to the fake, or to any stand-in; a refused token is renewed. */
export function xeroOrganisation(
  url: string,
  fake?: FakeXero,
  { settings = {}, http }: Given = {},
) {
  let token = fake?.identity.grant() ?? "access-1";
  return listedXero().bind(settings, {}, http ?? testHttp(), {
    account: tenants.north,
    app: { clientId, apiUrl: url },
    token: async () => token,
    async renew(refused) {
      if (refused === token) token = fake?.identity.grant() ?? "access-2";
      return token;
    },
  });
}
