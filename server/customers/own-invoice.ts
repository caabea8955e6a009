import { findInvoice, type InvoicePage } from "#db/queries/invoice-page.ts";
import type { CustomerScope } from "#db/queries/scope.ts";
import type { Context } from "#server/context.ts";
import type { PersonAction } from "#domain/change.ts";
import { RequestError } from "#server/errors.ts";
import type { PersonEntry, Recorded } from "#server/ledger/entry.ts";
import { record } from "#server/ledger/record.ts";

/** The customer's own invoice. Throws 404 for any other. */
export async function ownInvoice(
  { db }: Context,
  scope: CustomerScope,
  id: string,
): Promise<InvoicePage> {
  const invoice = await findInvoice(db, scope, id);
  if (!invoice) throw new RequestError(404, "There is no such invoice");
  return invoice;
}

/** Records what a customer user did. Throws what the ledger refuses: 404, 409, 422. */
export function recordOf(
  context: Context,
  scope: CustomerScope,
  actions: PersonAction[],
): Promise<Recorded> {
  const entry: PersonEntry = {
    kind: "person",
    source: { kind: "user", user: scope.userId },
    person: {
      ...{ id: scope.userId, name: scope.userName, side: "customer" },
      customer: scope.customerId,
    },
    actions,
  };
  return record(context, entry);
}
