import type { Db } from "#db/connect.ts";
import type { DisputeRow } from "#db/schema/disputes.ts";
import type { InvoiceRow } from "#db/schema/invoices.ts";
import type { PersonAction } from "#domain/change.ts";
import { type Draft, supplierChain } from "#domain/event.ts";
import type { Instant } from "#domain/time.ts";
import { RequestError } from "#server/errors.ts";
import type { Person } from "./entry.ts";

/** Who does something, and when. */
export interface Acting {
  person: Person;
  now: Instant;
}

export type Action<Kind extends PersonAction["kind"]> = Extract<PersonAction, { kind: Kind }>;

/**
 * The invoice as this transaction sees it. Throws 404 when there is none, only a draft, or one that went to
 * another customer since the page was drawn.
 */
export async function invoiceOf(trx: Db, id: string, person: Person): Promise<InvoiceRow> {
  const row = await trx.selectFrom("invoices").selectAll().where("id", "=", id).executeTakeFirst();
  if (!row || row.status === "draft" || !mayTouch(row, person)) {
    throw new RequestError(404, "There is no such invoice");
  }
  return row;
}

/** The dispute as this transaction sees it. Throws 404 when there is none, or it is another customer's. */
export async function disputeOf(trx: Db, id: string, person: Person): Promise<DisputeRow> {
  const row = await trx.selectFrom("disputes").selectAll().where("id", "=", id).executeTakeFirst();
  if (!row || !mayTouch(row, person)) throw new RequestError(404, "There is no such dispute");
  return row;
}

function mayTouch(row: { customer_id: string | null }, { customer }: Person): boolean {
  return customer === undefined || row.customer_id === customer;
}

/** Where an event that the customer sees belongs: the chain of the customer record. */
export function place(row: { customer_record_id: string }, invoice: string, now: Instant) {
  const audience = "customer" as const;
  return { chain: row.customer_record_id, invoice, audience, occurredAt: now };
}

type Internal = "note.added" | "audit.recorded" | "dispute.assigned";

/** Of the supplier's own chain: the customer never sees it. */
export function internal(
  draft: Pick<Extract<Draft, { type: Internal }>, "type" | "data">,
  invoice: string,
  now: Instant,
): Draft {
  const audience = "supplier" as const;
  return { ...draft, chain: supplierChain, invoice, audience, occurredAt: now } as Draft;
}
