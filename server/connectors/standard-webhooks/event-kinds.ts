import { z } from "zod";
import { clip } from "#domain/text.ts";
import { RequestError } from "#server/errors.ts";

/** The types of the ledger that a system can tell of; the others are the portal's own. */
export const ToldType = z.enum([
  "invoice.issued",
  "invoice.updated",
  "invoice.adjusted",
  "invoice.overdue",
  "invoice.voided",
  "invoice.unvoided",
  "invoice.written_off",
  "payment.pending",
  "payment.received",
  "payment.failed",
  "payment.refunded",
  "payment.reversed",
  "dispute.opened",
  "dispute.updated",
  "dispute.waiting",
  "dispute.resolved",
  "dispute.rejected",
  "dispute.withdrawn",
  "dispute.reopened",
  "comment.added",
  "promise.made",
]);
export type ToldType = z.infer<typeof ToldType>;

const toldTypes = new Set<string>(ToldType.options);

function isToldType(type: string): type is ToldType {
  return toldTypes.has(type);
}

/**
 * The longest suffix of a type that is a canonical one: `com.example.invoice.issued` is
 * `invoice.issued`. Throws 422 when there is none.
 */
export function toldType(type: string): ToldType {
  const words = type.split(".");
  for (let from = 0; from < words.length; from += 1) {
    const suffix = words.slice(from).join(".");
    if (isToldType(suffix)) return suffix;
  }
  throw new RequestError(422, `type: "${clip(type, 100)}" is none that a system can tell`, {
    fields: { type: "is none that a system can tell" },
  });
}

/** Of messages with one version the later by nature stands: an invoice is issued before it is paid. */
const ranks: { [type in ToldType]?: number } = {
  "invoice.issued": 0,
  "payment.pending": 2,
  "payment.failed": 2,
  "invoice.overdue": 3,
  "invoice.adjusted": 4,
  "payment.received": 5,
  "payment.refunded": 6,
  "payment.reversed": 6,
  "invoice.written_off": 7,
  "invoice.voided": 7,
  "invoice.unvoided": 8,
};

/** The place of a type among messages of one version; what only changes or comments stands early. */
export function rankOf(type: ToldType): number {
  return ranks[type] ?? 1;
}

const ofPayments = new Set<ToldType>(["payment.received", "payment.refunded", "payment.reversed"]);

/** What changed a balance that came with this type, where nothing itemised says it. */
export function balanceByOf(type: ToldType): "payment" | "credit" | undefined {
  if (type === "invoice.adjusted" || type === "dispute.resolved") return "credit";
  return ofPayments.has(type) ? "payment" : undefined;
}
