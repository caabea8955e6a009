import { createHash } from "node:crypto";
import type { Scenario, SimulatedRequest } from "#server/connectors/contract.ts";
import { hmac } from "#server/connectors/kit/signature.ts";
import { type SecretList, secretsIn } from "#server/connectors/kit/secret-list.ts";

interface Secrets {
  webhookKey: SecretList;
}

interface SimulatedEvent {
  category: "INVOICE" | "CREDITNOTE" | "CONTACT";
  type: "CREATE" | "UPDATE";
  /** Which of the invented things of this seed; the same name is the same thing. */
  name: string;
}

/**
 * Notifications about invented invoices, by scenario. They say no more than real ones: Xero is asked
 * for the invoices and does not know them, unless it is a stand-in.
 */
export const simulations: Record<string, Scenario<unknown, Secrets>> = {
  "invoice-created": (given) =>
    notify(given, [{ category: "INVOICE", type: "CREATE", name: "invoice" }]),
  "invoice-updated": (given) =>
    notify(given, [{ category: "INVOICE", type: "UPDATE", name: "invoice" }]),
  "credit-note": (given) =>
    notify(given, [
      { category: "CREDITNOTE", type: "CREATE", name: "credit note" },
      { category: "INVOICE", type: "UPDATE", name: "invoice" },
    ]),
  batch: (given) =>
    notify(given, [
      { category: "INVOICE", type: "CREATE", name: "invoice" },
      { category: "INVOICE", type: "UPDATE", name: "invoice" },
      { category: "INVOICE", type: "UPDATE", name: "another invoice" },
      { category: "CONTACT", type: "UPDATE", name: "contact" },
    ]),
};

const paths = { INVOICE: "Invoices", CREDITNOTE: "CreditNotes", CONTACT: "Contacts" };

function notify(
  { secrets, now, seed, account }: Parameters<Scenario<unknown, Secrets>>[0],
  events: SimulatedEvent[],
): SimulatedRequest[] {
  const first = seed * 10 + 1;
  const tenantId = account === "" ? idOf(seed, "organisation") : account;
  const body = JSON.stringify({
    events: events.map(({ category, type, name }) => {
      const resourceId = idOf(seed, name);
      return {
        resourceUrl: `https://api.xero.com/api.xro/2.0/${paths[category]}/${resourceId}`,
        ...{ resourceId, tenantId, tenantType: "ORGANISATION" },
        ...{ eventCategory: category, eventType: type },
        eventDateUtc: now.toISOString().slice(0, -1),
        ...(category === "CREDITNOTE" && { data: { Type: "ACCRECCREDIT", Status: "AUTHORISED" } }),
      };
    }),
    firstEventSequence: first,
    lastEventSequence: first + events.length - 1,
    entropy: idOf(seed, "entropy").replaceAll("-", "").slice(0, 20).toUpperCase(),
  });
  return [{ method: "POST", query: "", headers: signedHeaders(body, secrets), body }];
}

/** As Xero sends them. */
function signedHeaders(body: string, { webhookKey }: Secrets): Record<string, string> {
  const [key = ""] = secretsIn(webhookKey);
  const signature = hmac({ algorithm: "sha256", key, signed: [body] }, "base64");
  return { "content-type": "application/json; charset=utf-8", "x-xero-signature": signature };
}

/** The same seed and name give the same id. */
function idOf(seed: number, name: string): string {
  const hex = createHash("sha256").update(`${seed} ${name}`).digest("hex");
  const part = (from: number, to: number) => hex.slice(from, to);
  return `${part(0, 8)}-${part(8, 12)}-4${part(13, 16)}-8${part(17, 20)}-${part(20, 32)}`;
}
