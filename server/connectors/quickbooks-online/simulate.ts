import { createHash } from "node:crypto";
import { hmac } from "#server/connectors/kit/signature.ts";
import type { SimulatedRequest, Simulation } from "#server/connectors/contract.ts";
import { type SecretList, secretsIn } from "#server/connectors/kit/secret-list.ts";

interface Occurrence {
  entity: "invoice" | "payment" | "creditmemo";
  id: string;
  verb: string;
}

interface Keys {
  verifierToken: SecretList;
}

type Build = (given: Simulation<unknown, Keys>) => SimulatedRequest[];

/**
 * Notifications as Intuit sends them. They carry ids only, and the portal then reads the company: the
 * seed is the invoice's id there, the next number its payment's or credit memo's.
 */
export const scenarios: Readonly<Record<string, Build>> = {
  issued: (given) => [told(given, [invoice(given, "created")])],
  updated: (given) => [told(given, [invoice(given, "updated")])],
  "partly-paid": (given) => [told(given, [payment(given, "created"), invoice(given, "updated")])],
  paid: (given) => [told(given, [payment(given, "created"), invoice(given, "updated")])],
  "payment-deleted": (given) => [
    told(given, [payment(given, "deleted"), invoice(given, "updated")]),
  ],
  credited: (given) => [
    told(given, [
      { entity: "creditmemo", id: next(given), verb: "created" },
      invoice(given, "updated"),
    ]),
  ],
  voided: (given) => [told(given, [invoice(given, "voided")])],
  deleted: (given) => [told(given, [invoice(given, "deleted")])],
  "older-shape": (given) => [toldBefore(given, [invoice(given, "Update")])],
};

function invoice({ seed }: Simulation<unknown, Keys>, verb: string): Occurrence {
  return { entity: "invoice", id: String(seed), verb };
}

function payment(given: Simulation<unknown, Keys>, verb: string): Occurrence {
  return { entity: "payment", id: next(given), verb };
}

function next({ seed }: Simulation<unknown, Keys>): string {
  return String(seed + 1);
}

/** An array of CloudEvents. */
function told(given: Simulation<unknown, Keys>, occurrences: Occurrence[]): SimulatedRequest {
  const { account, now } = given;
  const events = occurrences.map(({ entity, id, verb }) => ({
    specversion: "1.0",
    id: idOf([account, entity, id, verb, now.toISOString()]),
    source: "intuit.simulation",
    type: `qbo.${entity}.${verb}.v1`,
    datacontenttype: "application/json",
    time: now.toISOString(),
    intuitentityid: id,
    intuitaccountid: account,
    data: {},
  }));
  return signed(given, events);
}

/** As before May 2026. */
function toldBefore(given: Simulation<unknown, Keys>, occurrences: Occurrence[]) {
  const { account, now } = given;
  const names = { invoice: "Invoice", payment: "Payment", creditmemo: "CreditMemo" };
  const entities = occurrences.map(({ entity, id, verb }) => ({
    ...{ name: names[entity], id, operation: verb, lastUpdated: now.toISOString() },
  }));
  const body = { eventNotifications: [{ realmId: account, dataChangeEvent: { entities } }] };
  return signed(given, body);
}

function signed({ secrets }: Simulation<unknown, Keys>, value: unknown): SimulatedRequest {
  const [token = ""] = secretsIn(secrets.verifierToken);
  const body = JSON.stringify(value);
  const signature = hmac({ algorithm: "sha256", key: token, signed: [body] }, "base64");
  return {
    ...{ method: "POST", query: "", body },
    headers: { "content-type": "application/json", "intuit-signature": signature },
  };
}

/** Looks like a UUID and is the same for the same event. */
function idOf(parts: string[]): string {
  const hex = createHash("sha256").update(parts.join("\n")).digest("hex");
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20, 32),
  ].join("-");
}
