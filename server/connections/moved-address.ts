import { z } from "zod";
import { type ConnectionInput, partOf, requireSystem } from "./connection-input.ts";
import { RequestError } from "#server/errors.ts";

type Values = ConnectionInput["settings"];

/** The settings that hold the addresses at which a secret is used; none for one that checks deliveries. */
const Described = z.looseObject({ usedAt: z.array(z.string()).optional() });

/**
 * Whoever changes an address has to know the secrets that are used there. Throws RequestError 422 under
 * each kept secret that was not written again. One that does not say where is used at every address.
 */
export function requireSecretsAnew(
  known: ConnectionInput,
  change: { settings: Values; secrets: Values },
): void {
  const moved = Object.entries(change.settings).flatMap(([name, value]) =>
    isAddress(name, value) && value !== known.settings[name] ? name : [],
  );
  const { secrets: schema } = partOf(requireSystem(known.system), known);
  const missing = Object.keys(known.secrets).filter((name) => {
    const usedAt = addressesOf(schema, name) ?? moved;
    return change.secrets[name] === undefined && moved.some((address) => usedAt.includes(address));
  });
  if (missing.length === 0) return;
  const message = "Write it again: the address is another one, and it is used there";
  const fields = Object.fromEntries(missing.map((name) => [`secrets.${name}`, message]));
  throw new RequestError(422, "A new address needs its secrets anew", { fields });
}

function addressesOf(schema: z.ZodType, secret: string): string[] | undefined {
  if (!(schema instanceof z.ZodObject)) return undefined;
  const field: unknown = schema.shape[secret];
  return field instanceof z.ZodType ? Described.parse(field.meta() ?? {}).usedAt : undefined;
}

function isAddress(name: string, value: unknown): boolean {
  return typeof value === "string" && (/^https?:/i.test(value) || /(url|host|domain)$/i.test(name));
}
