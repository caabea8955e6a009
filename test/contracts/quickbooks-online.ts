import { connectors } from "#server/connectors/index.ts";
import { startStandIn } from "#test/connectors/stand-in.ts";
import { startIntuit } from "#test/support/intuit.ts";
import { now, readChanged, type Vendor, writeBackChecks } from "./vendor.ts";

const api = "https://sandbox-quickbooks.api.intuit.com/v3/company/1";
const realm = "9130357766900001";

/** Prism hands on a space in a query as "+", which QuickBooks does not take: here it is %20 again. */
function startFront(url: string) {
  return startStandIn(async ({ method, path, headers, body }) => {
    const given = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
      ["authorization", "accept", "content-type"].includes(name) ? [[name, String(value)]] : [],
    );
    const answer = await fetch(url + path.replaceAll("+", "%20"), {
      ...{ method, headers: Object.fromEntries(given) },
      body: method === "GET" ? null : body.toString(),
    });
    const type = answer.headers.get("content-type") ?? "text/plain";
    const { status } = answer;
    return { status, headers: { "content-type": type }, body: await answer.text() };
  });
}

/** QuickBooks Online's accounting API, as far as the connector calls it. */
export const quickBooksOnline: Vendor = {
  document: "quickbooks-online.json",
  prefix: "",
  async start() {
    const intuit = await startIntuit({ clock: () => now });
    const books = intuit.company(realm);
    const plain = books.issue(238000, { docNumber: "INV-1001" });
    const settled = books.issue(119000, { docNumber: "INV-1002" });
    const memo = books.creditMemo("CM-1");
    books.pay([{ invoice: settled, amount: 119000 }], { credits: [{ memo, amount: 19000 }] });
    const gone = books.issue(100, { docNumber: "INV-1003" });
    books.deleteInvoice(gone);
    const token = intuit.grants.tokenFor(realm);
    const front = await startFront(intuit.url);
    return {
      url: front.url,
      async [Symbol.asyncDispose]() {
        await front[Symbol.asyncDispose]();
        await intuit[Symbol.asyncDispose]();
      },
      wrong: [
        { method: "GET", url: `${api}/invoice/1?minorversion=none` },
        { method: "GET", url: `${api}/invoices/1?minorversion=75` },
        { method: "GET", url: `${api}/cdc?minorversion=75&entities=Invoice&since=2026-11-01` },
      ],
      checks(http) {
        const app = { clientId: "client-1", environment: "sandbox" };
        const tokens = { token: async () => token, renew: async () => token };
        const organisation = { account: realm, app, ...tokens };
        const connector = connectors.get("quickbooks-online")?.bind({}, {}, http, organisation);
        if (!connector) throw new Error("It is not in the list");
        return [
          ["fetches an invoice", async () => connector.fetch?.({ externalId: plain })],
          ["fetches a settled invoice", async () => connector.fetch?.({ externalId: settled })],
          ["fetches a deleted invoice", async () => connector.fetch?.({ externalId: gone })],
          ["reads what changed lately", () => readChanged(connector, "2026-11-01T00:00:00.000Z")],
          ["reads what changed long ago", () => readChanged(connector, "2026-01-01T00:00:00.000Z")],
          ["is tested", async () => connector.test?.()],
          ...writeBackChecks(connector, plain),
        ];
      },
    };
  },
};
