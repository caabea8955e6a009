import { chainsOf } from "#db/queries/audit-log.ts";
import type { InvoicePage } from "#db/queries/invoice-page.ts";
import type { CustomerScope } from "#db/queries/scope.ts";
import type { Context } from "#server/context.ts";
import { statusOf } from "#domain/invoice-sums.ts";
import { invoiceAsItWas } from "#server/ledger/verify/as-it-was.ts";

/**
 * An invoice that was a customer's and is another's by now, as this customer last knew it: what its
 * people wrote stays readable for them. Nothing of it is due from them. Undefined for any other invoice.
 */
export async function findFormerInvoice(
  { db }: Pick<Context, "db">,
  scope: CustomerScope,
  id: string,
): Promise<InvoicePage | undefined> {
  const row = await db.selectFrom("invoices").selectAll().where("id", "=", id).executeTakeFirst();
  if (!row || row.customer_id === scope.customerId) return undefined;
  const chains = await chainsOf(db, scope.customerId);
  const view = await invoiceAsItWas(db, { invoice: id, chains });
  if (view === null) return undefined;
  return {
    view,
    row: {
      ...row,
      ...{ number: view.number, description: view.description, currency: view.currency },
      ...{ total: view.total, paid: view.paid, credited: view.credited, due: 0 },
      ...{ issued_on: view.issuedOn, due_on: view.dueOn, status: statusOf(view), dispute: "none" },
      ...{ customer_id: scope.customerId, customer_name: view.customerName, owner: view.owner },
    },
  };
}
