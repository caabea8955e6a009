import type { Change, InvoiceSnapshot } from "#domain/change.ts";
import type { Instant } from "#domain/time.ts";
import { withCleanTexts } from "./clean-texts.ts";
import type { Parsed } from "./contract.ts";
import { withValidDays } from "./valid-days.ts";

/** What was read, and when it was asked for: it stands above what was sent with the same version. */
export function asRead(changes: Change[], readAt: Instant): Change[] {
  return changes.map((change): Change => {
    if (change.kind === "fetch") return change;
    if (change.kind !== "invoice") return { ...change, readAt };
    return { ...change, invoice: { ...change.invoice, readAt } };
  });
}

/** What a fetch gave, in whichever form, as what was read then. */
export function readingOf(found: InvoiceSnapshot | Change[] | Parsed, readAt: Instant): Parsed {
  const isSnapshot = !Array.isArray(found) && !("changes" in found);
  const { changes, ...rest } = parsedOf(isSnapshot ? [{ kind: "invoice", invoice: found }] : found);
  return { ...rest, changes: asRead(changes, readAt) };
}

/** Changes alone, or with what else was found; their texts are clean, and their days exist. */
export function parsedOf(parsed: Change[] | Parsed): Parsed {
  return withValidDays(withCleanTexts(Array.isArray(parsed) ? { changes: parsed } : parsed));
}
