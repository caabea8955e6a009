import { z } from "zod";
import { readSupplier } from "#db/queries/settings.ts";
import type { CustomerScope } from "#db/queries/scope.ts";
import type { Context } from "#server/context.ts";
import { readAmount } from "#domain/read-amount.ts";
import { lastPromiseDay } from "#domain/promise.ts";
import { CalendarDate, dayIn, toInstant } from "#domain/time.ts";
import { RequestError } from "#server/errors.ts";
import { ownInvoice, recordOf } from "./own-invoice.ts";

export const PromiseForm = z.object({
  promisedOn: z.union([CalendarDate], "Choose a day"),
  /** As people type it; empty: all that is due. */
  amount: z.string().max(40, "Write one amount").default(""),
});

interface Promised extends z.infer<typeof PromiseForm> {
  invoiceId: string;
  locale: string;
}

/**
 * Promises a payment on a day from today in the supplier's zone to a year ahead, of at most what is due;
 * it takes the place of an earlier promise.
 * `locale` is the person's, for reading the amount. Throws 404 for another customer's invoice, 409 when
 * nothing is due, 422 by field.
 */
export async function promisePayment(
  context: Context,
  scope: CustomerScope,
  { invoiceId, promisedOn, amount, locale }: Promised,
): Promise<void> {
  const { row } = await ownInvoice(context, scope, invoiceId);
  const { timeZone } = await readSupplier(context.db);
  requireDay(promisedOn, dayIn(timeZone, toInstant(context.clock())));
  const { currency } = row;
  const typed = amount.trim();
  const promised = typed === "" ? row.due : readAmount({ text: typed, currency, locale }, "amount");
  if (typed !== "" && promised <= 0) {
    const fields = { amount: "Write an amount above zero" };
    throw new RequestError(422, "Nothing cannot be promised.", { fields });
  }
  if (promised > row.due && row.due > 0) {
    const fields = { amount: "This is more than is due" };
    throw new RequestError(422, "More than is due cannot be promised.", { fields });
  }
  await recordOf(context, scope, [
    {
      kind: "promise",
      invoiceId: row.id,
      promisedOn,
      ...(typed !== "" && { amount: promised }),
    },
  ]);
}

function requireDay(promisedOn: string, today: string): void {
  if (promisedOn < today) {
    const fields = { promisedOn: "Choose today or a later day" };
    throw new RequestError(422, "A payment cannot be promised for the past.", { fields });
  }
  const last = lastPromiseDay(today);
  if (promisedOn > last) {
    const fields = { promisedOn: `Choose a day until ${last}` };
    throw new RequestError(422, "A payment can be promised for a year ahead at most.", { fields });
  }
}

/** Takes back the promise that stands. Throws 404 for another customer's invoice, 409 when none does. */
export async function withdrawPromise(
  context: Context,
  scope: CustomerScope,
  invoiceId: string,
): Promise<void> {
  const { row } = await ownInvoice(context, scope, invoiceId);
  await recordOf(context, scope, [{ kind: "withdraw_promise", invoiceId: row.id }]);
}
