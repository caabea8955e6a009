import { beginConnect } from "#server/connections/start-grant.ts";
import { finishConnect } from "#server/connections/finish-grant.ts";
import type { PersonAction } from "#domain/change.ts";
import { record } from "#server/ledger/record.ts";
import { startTestPortal } from "#test/support/start-portal.ts";
import { clientId, clientSecret } from "./fake-xero-identity.ts";
import { invoiceId, keptInvoice } from "./fake-xero-invoices.ts";
import { signed, startFakeXero, tenants, webhookKey } from "./fake-xero.ts";

export const source = { kind: "operator", name: "test" } as const;
export const second = "9c1f3f0e-6a52-4f0b-9a3c-0f8f8f0f2d11";

export interface Notice {
  id: string;
  tenant?: string;
  category?: string;
}

/** A portal beside a Xero with two organisations, both connected as an administrator would. */
export async function openXeroPortal({
  isConnected = true,
  inThread,
}: { isConnected?: boolean; inThread?: true } = {}) {
  let now = new Date("2026-11-20T10:00:00.000Z");
  let sequence = 0;
  const clock = () => now;
  const fake = await startFakeXero({ now: clock });
  const addresses = { apiUrl: fake.url, loginUrl: fake.url, identityUrl: fake.url };
  const running = await startTestPortal({
    clock,
    ...(inThread && { inThread }),
    environment: { OUTBOUND_ALLOW: "127.0.0.0/8" },
    connections: [
      {
        ...{ id: "xero", system: "xero" },
        settings: { clientId, ...addresses },
        secrets: { webhookKey, clientSecret },
      },
    ],
  });
  const { portal } = running;

  /** What Xero posts; the body is signed as it is. */
  const post = (body: string, headers: Record<string, string> = signed(body)) =>
    fetch(`${running.url}/webhooks/xero`, { method: "POST", headers, body });

  const at = {
    fake,
    ...{ running, portal, post },
    north: fake.organisation(tenants.north),
    south: fake.organisation(tenants.south),
    now: () => now.toISOString(),
    later(ms: number) {
      now = new Date(now.getTime() + ms);
    },
    /** The webhook was made anew in Xero. */
    beginAnew() {
      sequence = 0;
    },
    async connect() {
      const asked = { app: "xero", sessionToken: "session-1" };
      const back = await fetch(await beginConnect(portal, asked), { redirect: "manual" });
      const callback = new URL(back.headers.get("location") ?? "").searchParams;
      await finishConnect(portal, { callback, sessionToken: "session-1", userId: "u1", source });
    },
    /** Notifies of these in one body, `skipped` numbers after the last one. Gives the answer. */
    async notify(notices: Notice[], skipped = 0) {
      now = new Date(now.getTime() + 1000);
      const events = notices.map(({ id, tenant = tenants.north, category = "INVOICE" }) => ({
        ...{ resourceId: id, tenantId: tenant, tenantType: "ORGANISATION" },
        ...{ eventCategory: category, eventType: "UPDATE" },
        eventDateUtc: now.toISOString().slice(0, -1),
        ...(category === "CREDITNOTE" && { data: { Type: "ACCRECCREDIT", Status: "PAID" } }),
      }));
      const firstEventSequence = sequence + skipped + 1;
      sequence = firstEventSequence + events.length - 1;
      const numbers = { firstEventSequence, lastEventSequence: sequence };
      const answer = await post(JSON.stringify({ events, ...numbers, entropy: "ABC" }));
      await running.settled();
      return answer;
    },
    async acts(action: PersonAction) {
      const person = { id: "usr_buyer", name: "Ines de Wolf", side: "customer" } as const;
      const by = { kind: "user", user: person.id } as const;
      await record(portal, { kind: "person", source: by, person, actions: [action] });
      await running.settled();
    },
    /** Xero's own clerk changes an invoice. */
    change(rest: object) {
      const known = at.north.invoices.get(invoiceId) ?? keptInvoice();
      at.north.invoices.set(invoiceId, { ...known, updatedMs: now.getTime(), ...rest });
    },
    rows: () =>
      portal.db
        .selectFrom("invoices")
        .select(["number", "owner", "status", "paid", "credited", "due"])
        .orderBy("number")
        .execute(),
    types: async () => (await running.events("INV-0042")).map(({ type }) => type),
    deliveries: () => portal.db.selectFrom("deliveries").selectAll().orderBy("id").execute(),
    async [Symbol.asyncDispose]() {
      await running[Symbol.asyncDispose]();
      await fake[Symbol.asyncDispose]();
    },
  };
  if (isConnected) await at.connect();
  return at;
}
