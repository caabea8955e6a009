import { forgetMissing, isMissing, noteMissing } from "#db/queries/missing-invoices.ts";
import type { Db } from "#db/connect.ts";
import type { InvoiceRef } from "#domain/change.ts";
import { type Instant, plusMs } from "#domain/time.ts";
import { RequestError } from "#server/errors.ts";
import type { Context } from "#server/context.ts";
import type { BoundConnector } from "#server/connectors/bind.ts";
import type { RejectedInvoice } from "#server/ledger/record-apart.ts";
import type { Parsed, Rejected } from "#server/connectors/contract.ts";

interface Readable {
  id: string;
  connector: Pick<BoundConnector, "name" | "fetch" | "whenMissing">;
}

/** A missing invoice is believed to be gone when the system says so twice, so long apart. */
const secondLookMs = 10 * 60_000;

/**
 * What a system answers about one invoice; nothing when it cannot be asked. An invoice that cannot be
 * used is rejected alone. One that is missing there is kept as that where the connector says that it was
 * deleted (`whenMissing`): `lookForMissing` asks again and voids it. Throws UpstreamError.
 */
export async function fetchInvoice(
  { db, writer }: Pick<Context, "db" | "writer">,
  connection: Readable,
  ref: InvoiceRef,
  now: Instant,
): Promise<Required<Parsed>> {
  const { told, finding } = await tryFetch(db, connection, ref);
  const place = placeOf(connection, ref);
  if (finding === "found again") await forgetMissing(writer, place);
  if (finding === "missing") {
    const dueAt = plusMs(now, secondLookMs);
    await noteMissing(writer, { ...place, ref: JSON.stringify(ref), first_at: now, due_at: dueAt });
  }
  return told;
}

interface Tried {
  told: Required<Parsed>;
  /** What is to be remembered of it. */
  finding?: "missing" | "found again";
}

/** The same without a trace, for a replay that is only tried. */
export async function tryFetch(db: Db, connection: Readable, ref: InvoiceRef): Promise<Tried> {
  const { whenMissing } = connection.connector;
  const told = await ask(connection, ref);
  if (told) {
    const isKept = whenMissing === "void" && (await isMissing(db, placeOf(connection, ref)));
    return isKept ? { told, finding: "found again" } : { told };
  }
  const nothing = { changes: [], rejected: [] };
  if (whenMissing === "void") return { told: nothing, finding: "missing" };
  const rejected = [{ at: invoiceWords(ref), reason: hidden }];
  return { told: whenMissing === "hidden" ? { changes: [], rejected } : nothing };
}

/** Null: the system answers that it does not have it. */
async function ask({ connector }: Readable, ref: InvoiceRef): Promise<Required<Parsed> | null> {
  try {
    const found = await connector.fetch?.(ref);
    if (found === null) return null;
    return { changes: found?.changes ?? [], rejected: found?.rejected ?? [] };
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    return { changes: [], rejected: [{ at: invoiceWords(ref), reason: error.message }] };
  }
}

const hidden = "The system does not show it to the portal: it was deleted, or hidden from its user";

function placeOf({ id }: Readable, { externalId, number }: InvoiceRef) {
  const name = externalId === undefined ? `no:${number ?? ""}` : `id:${externalId}`;
  return { connection_id: id, name };
}

/** An invoice that could not be recorded, as an element that could not be used. */
export function rejectedInvoice({ ref, reason }: RejectedInvoice): Rejected {
  return { at: invoiceWords(ref), reason };
}

/** How an invoice is called in words for finance. */
function invoiceWords({ number, externalId }: InvoiceRef): string {
  return `Invoice ${number ?? externalId ?? "without a name"}`;
}
