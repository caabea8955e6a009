import type { ConnectionInput } from "./connection-input.ts";
import { RequestError } from "#server/errors.ts";

type Values = ConnectionInput["settings"];

/** What connectors call secrets that check deliveries: these are never sent anywhere. */
const checking = new Set(["webhookSecret", "webhookKey", "verifierToken", "publicKey", "urlToken"]);

/**
 * Whoever changes an address has to know the secrets that will be sent there. Throws RequestError 422
 * under each kept secret that was not written again.
 */
export function requireSecretsAnew(
  known: { settings: Values; secrets: Values },
  change: { settings: Values; secrets: Values },
): void {
  const isMoved = Object.entries(change.settings).some(
    ([name, value]) => isAddress(name, value) && value !== known.settings[name],
  );
  const missing = Object.keys(known.secrets).filter(
    (name) => !checking.has(name) && change.secrets[name] === undefined,
  );
  if (!isMoved || missing.length === 0) return;
  const message = "Write it again: the address is another one, and it would be sent there";
  const fields = Object.fromEntries(missing.map((name) => [`secrets.${name}`, message]));
  throw new RequestError(422, "A new address needs its secrets anew", { fields });
}

function isAddress(name: string, value: unknown): boolean {
  return typeof value === "string" && (/^https?:/i.test(value) || /(url|host|domain)$/i.test(name));
}
