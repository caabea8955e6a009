import { z } from "zod";
import { findCustomer } from "#db/queries/customers.ts";
import { findRecord } from "#db/queries/records.ts";
import type { Context } from "#server/context.ts";
import type { Source } from "#server/domain/event.ts";
import { toInstant } from "#server/domain/time.ts";
import { RequestError } from "#server/errors.ts";
import { record } from "#server/ledger/record.ts";

export const LinkForm = z.object({
  do: z.literal("link"),
  record: z.string().min(1, "Choose a customer record"),
  customer: z.string().min(1, "Choose a customer"),
});
export const UnlinkForm = z.object({ do: z.literal("unlink"), record: z.string().min(1) });

/**
 * Gives a customer record, and with it its invoices, to a customer. Only a person does this: an
 * address or a domain is a hint, never a match. Throws 404 for an unknown one, 409 when it is taken.
 */
export async function linkRecord(
  context: Context,
  source: Source,
  { record: id, customer }: { record: string; customer: string },
): Promise<void> {
  const row = await findRecord(context.db, id);
  if (!row || !(await findCustomer(context.db, customer))) {
    throw new RequestError(404, "There is no such customer record or customer");
  }
  if (row.customer_id === customer) return;
  if (row.customer_id !== null) {
    throw new RequestError(
      409,
      "This customer record belongs to another customer: unlink it there first",
    );
  }
  await record(context, {
    kind: "portal",
    source,
    drafts: [draft(context, "record.linked", { customerRecord: id, customer })],
  });
}

/** The customer record. Throws RequestError: 404 for an unknown one, 409 when it has a customer. */
export async function requireRecord({ db }: Pick<Context, "db">, id: string) {
  const row = await findRecord(db, id);
  if (!row) throw new RequestError(404, `There is no customer record ${id}`);
  if (row.customer_id !== null) throw new RequestError(409, `${id} belongs to a customer already`);
  return row;
}

/** Takes a customer record from its customer, who no longer sees its invoices. Throws 409 when it has none. */
export async function unlinkRecord(context: Context, source: Source, id: string): Promise<void> {
  const row = await findRecord(context.db, id);
  if (!row) throw new RequestError(404, "There is no such customer record");
  if (row.customer_id === null) throw new RequestError(409, "This customer record has no customer");
  await record(context, {
    kind: "portal",
    source,
    drafts: [draft(context, "record.unlinked", { customerRecord: id, customer: row.customer_id })],
  });
}

function draft(
  context: Context,
  type: "record.linked" | "record.unlinked",
  data: { customerRecord: string; customer: string },
) {
  const occurredAt = toInstant(context.clock());
  return {
    type,
    data,
    occurredAt,
    chain: data.customerRecord,
    invoice: null,
    audience: "customer",
  } as const;
}
