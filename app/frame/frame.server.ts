import type { AppLoadContext } from "@remix-run/node";
import { countDisputes } from "#db/queries/disputes-of.ts";
import { headSequence } from "#db/queries/live.ts";
import type { Session } from "#db/queries/people.ts";
import type { CustomerScope } from "#db/queries/scope.ts";
import { readSupplier } from "#db/queries/settings.ts";
import { localeOf } from "#domain/locale.ts";
import { dayIn, toInstant } from "#domain/time.ts";
import { customersOfReader } from "#app/access/auth.server.ts";

/** How this person sees times and amounts; what they did not choose is the supplier's. */
export async function readerOf(
  { db, clock }: AppLoadContext,
  person: Pick<Session, "locale" | "timeZone"> | null,
) {
  const supplier = await readSupplier(db);
  return {
    locale: localeOf(person?.locale ?? null),
    timeZone: person?.timeZone ?? supplier.timeZone,
    today: dayIn(supplier.timeZone, toInstant(clock())),
  };
}

/** What the frame around a customer's pages shows. */
export async function customerFrame(
  context: AppLoadContext,
  session: Session,
  scope: CustomerScope,
) {
  const sequence = await headSequence(context.db);
  const { name, address, registration } = await readSupplier(context.db);
  const customers = await customersOfReader(context);
  const disputes = await countDisputes(context.db, scope);
  return {
    sequence,
    supplier: { name, address: [address, registration].filter(Boolean).join(", ") },
    reader: await readerOf(context, session),
    person: session.name,
    customer: { id: scope.customerId, name: scope.customerName, several: customers.length > 1 },
    disputes: disputes.open,
  };
}
