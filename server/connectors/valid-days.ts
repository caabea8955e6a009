import { isInCalendar } from "#domain/calendar.ts";
import type { Change } from "#domain/change.ts";
import type { Parsed } from "./contract.ts";

/**
 * Rejects an invoice of which a day or time is none, such as 2026-02-31, with all that was said of it: what
 * is recorded once is compared, shown and counted with ever after. Its neighbours stay.
 */
export function withValidDays<T extends Parsed>(parsed: T): T {
  const faults = new Map<string, string>();
  for (const change of parsed.changes) {
    const fault = faultIn(change);
    if (fault !== undefined) faults.set(nameOf(change), fault);
  }
  if (faults.size === 0) return parsed;
  const rejected = [...faults].map(([name, reason]) => ({ at: `Invoice ${name}`, reason }));
  return {
    ...parsed,
    changes: parsed.changes.filter((change) => !faults.has(nameOf(change))),
    rejected: [...(parsed.rejected ?? []), ...rejected],
  };
}

function nameOf({ invoice }: Change): string {
  return invoice.externalId ?? invoice.number ?? "without a name";
}

const days = ["issuedOn", "dueOn", "promisedOn", "occurredAt"] as const;

function faultIn(change: Change): string | undefined {
  if (change.kind === "fetch") return undefined;
  const holder: object = change.kind === "invoice" ? change.invoice : change;
  for (const field of days) {
    const value: unknown = Reflect.get(holder, field);
    if (typeof value !== "string" || isInCalendar(value)) continue;
    return `${field}: ${JSON.stringify(value.slice(0, 40))} is no day of the calendar`;
  }
  return undefined;
}
