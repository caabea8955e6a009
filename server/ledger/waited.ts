import { noteSequences } from "#db/queries/deliveries.ts";
import type { Db } from "#db/connect.ts";
import type { Draft, LedgerEvent, Source } from "#domain/event.ts";
import type { Group, TakenIn } from "./system.ts";

type Change = Group["changes"][number];

/**
 * Says of each draft which delivery it comes from: what waited for its invoice is recorded under the
 * delivery that contains it, not under the one that brought the invoice.
 */
export function waitedSources(
  source: Source,
  { waited, causes }: Pick<TakenIn, "waited"> & { causes: Map<Draft, Change> },
): (draft: Draft) => Source {
  if (waited.size === 0 || source.kind !== "connection") return () => source;
  return (draft) => {
    const cause = causes.get(draft) ?? causeOf(draft, [...waited.keys()]);
    const delivery = cause && waited.get(cause);
    return delivery === undefined ? source : { ...source, delivery };
  };
}

/** The waiting change that an event tells of: a payment or credit by its id, an overdue notice by its kind. */
function causeOf({ type, data }: Draft, changes: Change[]): Change | undefined {
  if ("payment" in data) {
    const id = data.payment?.id;
    return changes.find((change) => change.kind === "payment" && change.paymentId === id);
  }
  if ("credit" in data) {
    const id = data.credit?.id;
    return changes.find((change) => change.kind === "credit" && change.creditId === id);
  }
  return type === "invoice.overdue" ? changes.find(({ kind }) => kind === "overdue") : undefined;
}

/** Notes at deliveries that waited which events they led to. */
export async function noteWaited(
  trx: Db,
  events: LedgerEvent[],
  delivery: number | undefined,
): Promise<void> {
  for (const { source, sequence } of events) {
    if (source.kind !== "connection" || source.delivery === undefined) continue;
    if (source.delivery !== delivery) await noteSequences(trx, source.delivery, sequence);
  }
}
