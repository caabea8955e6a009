import { z } from "zod";
import { readSupplier } from "#db/queries/settings.ts";
import type { CustomerScope } from "#db/queries/scope.ts";
import type { Context } from "#server/context.ts";
import { CalendarDate, dayIn, toInstant } from "#server/domain/time.ts";
import { RequestError } from "#server/errors.ts";
import { readAmount } from "./amount.ts";
import { ownInvoice, recordOf } from "./own-invoice.ts";

export const PromiseForm = z.object({
  promisedOn: z.union([CalendarDate], "Choose a date"),
  /** Empty: all that is due. */
  amount: z.string().max(40).default(""),
});

/**
 * Promises a payment on a day that is not past in the supplier's zone, of at most what is due.
 * Throws 404 for another customer's invoice, 409 when nothing is due, 422 by field.
 */
export async function promisePayment(
  context: Context,
  scope: CustomerScope,
  { invoiceId, promisedOn, amount }: z.infer<typeof PromiseForm> & { invoiceId: string },
): Promise<void> {
  const { row } = await ownInvoice(context, scope, invoiceId);
  const { timeZone } = await readSupplier(context.db);
  if (promisedOn < dayIn(timeZone, toInstant(context.clock()))) {
    const fields = { promisedOn: "Choose today or a later day" };
    throw new RequestError(422, "A payment cannot be promised for the past.", { fields });
  }
  const promised = amount.trim() === "" ? row.due : readAmount(amount, row.currency, "amount");
  if (promised > row.due && row.due > 0) {
    const fields = { amount: "This is more than is due" };
    throw new RequestError(422, "More than is due cannot be promised.", { fields });
  }
  await recordOf(context, scope, [
    {
      kind: "promise",
      invoiceId: row.id,
      promisedOn,
      ...(amount.trim() !== "" && { amount: promised }),
    },
  ]);
}
