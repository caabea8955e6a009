import type { Change, InvoiceRef } from "#domain/change.ts";
import type { Instant } from "#domain/time.ts";
import { RequestError } from "#server/errors.ts";
import type { BoundConnector } from "#server/connectors/bind.ts";
import type { RejectedInvoice } from "#server/ledger/record-apart.ts";
import type { Parsed, Rejected } from "#server/connectors/contract.ts";

type Readable = Pick<BoundConnector, "name" | "fetch" | "whenMissing">;

/**
 * What a system answers about one invoice; nothing when it cannot be asked. An invoice that cannot be
 * used is rejected alone. One that is missing there is told as the connector says (`whenMissing`);
 * the ledger ignores that for an invoice that it does not know. Throws UpstreamError.
 */
export async function fetchInvoice(
  connector: Readable,
  ref: InvoiceRef,
  now: Instant,
): Promise<Required<Parsed>> {
  try {
    const found = await connector.fetch?.(ref);
    if (found) return { changes: found.changes, rejected: found.rejected ?? [] };
    return found === null ? missing(connector, ref, now) : { changes: [], rejected: [] };
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    return { changes: [], rejected: [{ at: invoiceWords(ref), reason: error.message }] };
  }
}

const hidden = "The system does not show it to the portal: it was deleted, or hidden from its user";

function missing({ whenMissing }: Readable, ref: InvoiceRef, now: Instant): Required<Parsed> {
  if (whenMissing === "hidden")
    return { changes: [], rejected: [{ at: invoiceWords(ref), reason: hidden }] };
  if (whenMissing === undefined) return { changes: [], rejected: [] };
  const gone: Change = {
    kind: "invoice",
    invoice: { ...ref, version: now, state: "void", isGone: true },
  };
  return { changes: [gone], rejected: [] };
}

/** An invoice that could not be recorded, as an element that could not be used. */
export function rejectedInvoice({ ref, reason }: RejectedInvoice): Rejected {
  return { at: invoiceWords(ref), reason };
}

/** How an invoice is called in words for finance. */
function invoiceWords({ number, externalId }: InvoiceRef): string {
  return `Invoice ${number ?? externalId ?? "without a name"}`;
}
