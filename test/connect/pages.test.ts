import { expect, test } from "vitest";
import { clientId, clientSecret } from "../connectors/fake-xero-identity.ts";
import { startFakeXero, webhookKey } from "../connectors/fake-xero.ts";
import { environment } from "../support/connect-vendor.ts";
import { startTestPortal } from "../support/start-portal.ts";

const page = "/finance/connections/xero";
/** What a browser says of a link that was pressed on a page of the same address. */
const pressed = { "sec-fetch-site": "same-origin" };

/** A portal with Xero's app set up, an administrator and somebody of finance. */
async function open() {
  const fake = await startFakeXero({ now: () => new Date() });
  const addresses = { apiUrl: fake.url, loginUrl: fake.url, identityUrl: fake.url };
  const running = await startTestPortal({ connections: [], environment });
  await running.addStaff("ann@kestrel.example", "administrator");
  await running.addStaff("desk@kestrel.example", "finance");
  const { connections } = running.portal;
  const settings = { clientId, ...addresses };
  const secrets = { webhookKey, clientSecret };
  const source = { kind: "operator", name: "test" } as const;
  await connections.add({ id: "xero", system: "xero", settings, secrets }, source);
  const ann = await running.as("ann@kestrel.example");
  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(new URL(path, running.url), {
      headers: { cookie: ann.cookie, ...headers },
      redirect: "manual",
    });
  return {
    ...{ fake, running, ann, get },
    /** From our page to the vendor's, which sends everybody straight back; gives the way back. */
    async visit(): Promise<string> {
      const there = (await get(`${page}/connect`, pressed)).headers.get("location") ?? "";
      expect(new URL(there).origin).toBe(fake.url);
      const back = await fetch(there, { redirect: "manual" });
      return back.headers.get("location") ?? "";
    },
    async [Symbol.asyncDispose]() {
      await running[Symbol.asyncDispose]();
      await fake[Symbol.asyncDispose]();
    },
  };
}

test("an administrator connects an organisation from the app's page and comes back to it", async () => {
  await using at = await open();
  const before = await at.ann.page(page);
  expect(before).toContain("Connect an organisation");
  expect(before).toContain(`href="${page}/connect"`);
  expect(before).toContain(`${at.running.url}/connect/callback`);
  const answer = await at.get(await at.visit());
  expect(answer.headers.get("location")).toBe(page);
  const [first] = at.running.portal.connections.list().filter(({ app }) => app === "xero");
  expect(await at.ann.page(page)).toContain(first?.name);
  const own = await at.ann.page(`/finance/connections/${first?.id}`);
  expect(own).toContain("Connect it anew");
  expect(own).toContain("Reconciliation");
});

test("nobody but an administrator connects, and no other page begins it", async () => {
  await using at = await open();
  const { cookie } = await at.running.as("desk@kestrel.example");
  expect((await at.get(`${page}/connect`, { cookie, ...pressed })).status).toBe(403);
  for (const site of ["cross-site", "same-site", "none"]) {
    expect((await at.get(`${page}/connect`, { "sec-fetch-site": site })).status).toBe(403);
  }
  expect((await at.get(`${page}/connect`)).status).toBe(403);
  const headers = { cookie: at.ann.cookie, ...pressed };
  const head = await fetch(`${at.running.url}${page}/connect`, { method: "HEAD", headers });
  expect(head.status).toBe(403);
  const begun = at.running.portal.db.selectFrom("connect_requests").selectAll();
  expect(await begun.execute()).toEqual([]);
  expect((await at.get("/finance/connections/none/connect")).status).toBe(404);
  expect((await at.get("/connect/callback", { cookie })).status).toBe(403);
  expect((await at.get("/connect/callback", { cookie: "" })).headers.get("location")).toMatch(
    /^\/sign-in/,
  );
});

test("a way back that is not one's own, or that was refused there, says so and changes nothing", async () => {
  await using at = await open();
  await at.running.addStaff("bob@kestrel.example", "administrator");
  const { cookie } = await at.running.as("bob@kestrel.example");
  const stolen = await at.get(await at.visit(), { cookie });
  expect(await stolen.text()).toContain("begun by somebody else");
  const refused = new URL(await at.visit());
  refused.searchParams.delete("code");
  refused.searchParams.set("error", "access_denied");
  const text = await (await at.get(refused.href)).text();
  expect(text).toContain("Not connected");
  expect(text).toContain("access_denied");
  expect(at.running.portal.connections.list()).toHaveLength(1);
});

test("an organisation whose access ended says why on its page, and is removed there", async () => {
  await using at = await open();
  await at.get(await at.visit());
  const { portal } = at.running;
  const broken = { broken_at: "2026-11-20T10:00:00.000Z", fault: "invalid_grant" };
  await portal.writer.updateTable("oauth_grants").set(broken).execute();
  const all = portal.connections.list().filter(({ app }) => app === "xero");
  expect(await at.ann.page("/finance/connections")).toContain("Needs connecting");
  for (const { id } of all) {
    const own = await at.ann.page(`/finance/connections/${id}`);
    expect(own).toContain("The vendor ended the portal&#x27;s access: invalid_grant.");
    const answer = await at.ann.post(`/finance/connections/${id}`, { do: "remove" });
    expect(answer.headers.get("location")).toBe("/finance/connections?done=remove");
  }
  expect(portal.connections.list().map(({ id }) => id)).toEqual(["xero"]);
  expect(await portal.db.selectFrom("oauth_grants").selectAll().execute()).toEqual([]);
});
