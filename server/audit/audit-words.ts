import { z } from "zod";
import type { LedgerEvent } from "#domain/event.ts";

const Details = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));
type Details = z.infer<typeof Details>;
type Names = ReadonlyMap<string, string>;

/** What words about an event name by id: whom it is about, and who stands in its details. */
export function idsIn({ type, data }: LedgerEvent): string[] {
  if (type === "record.linked" || type === "record.unlinked") {
    return [data.customerRecord, data.customer];
  }
  if (type !== "audit.recorded") return [];
  const texts = Object.values(data.details).filter(isId);
  return [data.subject, ...texts];
}

/** A role or a word may be what somebody calls a connection; ids of ours are known by their beginning. */
function isId(value: Details[string] | undefined): value is string {
  return typeof value === "string" && /^(usr|cus|crd|key|ivt)_/.test(value);
}

/** What was done to settings, people or links, with names where the ledger has ids; else null. */
export function auditWords({ type, data }: LedgerEvent, names: Names): string | null {
  const nameOf = (id: string) => names.get(id) ?? id;
  if (type === "record.linked") {
    return `Customer record ${nameOf(data.customerRecord)} linked to ${nameOf(data.customer)}`;
  }
  if (type === "record.unlinked") {
    return `Customer record ${nameOf(data.customerRecord)} unlinked from ${nameOf(data.customer)}`;
  }
  if (type !== "audit.recorded") return null;
  const action = data.action.replaceAll("_", " ");
  const subject = nameOf(data.subject);
  const details = detailWords(data.details, { nameOf, subject });
  return `${action}: ${subject}${details === "" ? "" : ` (${details})`}`;
}

/** The subject's name is not said twice. */
function detailWords(
  details: Details,
  { nameOf, subject }: { nameOf: (id: string) => string; subject: string },
): string {
  return Object.entries(details)
    .filter(([, value]) => value !== null && value !== "" && value !== subject)
    .map(([name, value]) => {
      const words = name.replace(/^(settings|secrets)\./, "");
      return `${words}: ${isId(value) ? nameOf(value) : String(value)}`;
    })
    .join(", ");
}
