import { z } from "zod";
import { findCustomer } from "#db/queries/customers.ts";
import { findRecord } from "#db/queries/records.ts";
import type { Context } from "#server/context.ts";
import type { Source } from "#domain/event.ts";
import { toInstant } from "#domain/time.ts";
import { RequestError } from "#server/errors.ts";
import { record } from "#server/ledger/record.ts";
import { PickedCustomer, PickedRecord, pickedId } from "#server/disputes/picked.ts";

/** On the page of customer records: one of them, and the customer that is chosen for it. */
export const LinkForm = PickedCustomer.extend({
  do: z.literal("link"),
  record: z.string().min(1, "Choose a customer record"),
});
/** On a customer's page: the customer record that is chosen for it. */
export const LinkHereForm = PickedRecord.extend({ do: z.literal("link") });
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

/** Links what two fields to choose from mean. Throws 422 under the one that is empty or means none. */
export async function linkPicked(
  context: Context,
  source: Source,
  given: Partial<z.infer<typeof PickedCustomer> & z.infer<typeof PickedRecord>>,
): Promise<void> {
  const { record: id = "", recordName = "", customer: of = "", customerName = "" } = given;
  const linked = await pickedId(context.db, "record", { id, name: recordName });
  const customer = await pickedId(context.db, "customer", { id: of, name: customerName });
  if (linked === "") throw missing("record", "Choose a customer record");
  if (customer === "") throw missing("customer", "Choose a customer");
  await linkRecord(context, source, { record: linked, customer });
}

function missing(field: string, message: string): RequestError {
  return new RequestError(422, message, { fields: { [field]: message } });
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
