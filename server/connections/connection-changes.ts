import { isDeepStrictEqual } from "node:util";
import type { ConnectionInput } from "./connection-input.ts";
import type { Source } from "#domain/event.ts";

type Details = Record<string, string>;

/** A change of a connection that is about to be written. */
export interface Change {
  before: ConnectionInput;
  input: ConnectionInput;
  source: Source;
  /** An instant, where the connections file defines it. */
  fromFileAt?: string;
}

const longest = 300;

/**
 * What a change of a connection changed, for the ledger: of a setting from what to what, of a secret
 * only that it was set, replaced or removed.
 */
export function connectionChanges(before: ConnectionInput, after: ConnectionInput): Details {
  const details: Details = {};
  for (const name of namesOf(before.settings, after.settings)) {
    const [was, is] = [before.settings[name], after.settings[name]];
    if (isDeepStrictEqual(was, is)) continue;
    details[`settings.${name}`] = `${shown(was)} → ${shown(is)}`;
  }
  for (const name of namesOf(before.secrets, after.secrets)) {
    const [was, is] = [before.secrets[name], after.secrets[name]];
    if (isDeepStrictEqual(was, is)) continue;
    details[`secrets.${name}`] = secretWord(was, is);
  }
  for (const name of ["name", "receivesDisputes", "system"] as const) {
    if (before[name] === after[name]) continue;
    details[name] = `${shown(before[name])} → ${shown(after[name])}`;
  }
  return details;
}

/** What a new connection begins with, for the ledger. */
export function addedDetails(input: ConnectionInput & { name: string }): Details {
  const nothing = { ...input, settings: {}, secrets: {} };
  return { system: input.system, name: input.name, ...connectionChanges(nothing, input) };
}

function namesOf(before: object, after: object): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
}

function secretWord(was: unknown, is: unknown): string {
  if (was === undefined) return "secret set";
  return is === undefined ? "secret removed" : "secret replaced";
}

function shown(value: unknown): string {
  if (value === undefined) return "none";
  const text = typeof value === "string" ? withoutPassword(value) : JSON.stringify(value);
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}

/** An address may name who signs in there. */
function withoutPassword(text: string): string {
  return text.replace(/^(https?:\/\/)[^/@]*@/i, "$1…@");
}
