import { z } from "zod";
import { ZonedInstant } from "./dates.ts";

/**
 * A secret, or several while one is being replaced: `{ secret, until }` is accepted until that time.
 * `Secret` is what one of them is.
 */
export function secretList(Secret: z.ZodType<string, string>) {
  const Dated = z.strictObject({ secret: Secret, until: ZonedInstant });
  return z.union([Secret, z.array(z.union([Secret, Dated])).min(1)]);
}

export type SecretList = z.infer<ReturnType<typeof secretList>>;

/** The secrets that are accepted at that moment; none when there is no list. */
export function acceptedAt(list: SecretList | undefined, now: Date): string[] {
  if (list === undefined) return [];
  if (typeof list === "string") return [list];
  return list.flatMap((one) => {
    if (typeof one === "string") return [one];
    return Date.parse(one.until) > now.getTime() ? [one.secret] : [];
  });
}

/** Every secret of a list, also those whose time is over. */
export function secretsIn(list: SecretList | undefined): string[] {
  if (list === undefined) return [];
  return [list].flat().map((one) => (typeof one === "string" ? one : one.secret));
}

/** It can be tried at our address only, where 120 refusals a minute end it. */
const fewestCharacters = 10;
const fewestDifferent = 4;

/** Why a text is no secret that a vendor made; null when it may be one. */
export function weakness(secret: string): string | null {
  if (/[\s[\]{}"]/.test(secret)) return "holds spaces, quotes or brackets, which no secret does";
  if (secret.length < fewestCharacters) return `is shorter than ${fewestCharacters} characters`;
  const isMonotone = new Set(secret).size < fewestDifferent;
  return isMonotone ? "is a few characters again and again, which anybody can guess" : null;
}

/** Names the field of each list that holds a weak secret, with the reason. */
export function weakSecrets(
  lists: Record<string, SecretList | undefined>,
  reasonOf: (secret: string) => string | null = weakness,
): [field: string, message: string][] {
  return Object.entries(lists).flatMap(([field, list]): [string, string][] => {
    const [reason] = secretsIn(list).flatMap((secret) => reasonOf(secret) ?? []);
    return reason === undefined ? [] : [[`secrets.${field}`, reason]];
  });
}
