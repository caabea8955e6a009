import type { Db } from "#db/connect.ts";
import { dayMs } from "#domain/time.ts";
import { RequestError } from "#server/errors.ts";

/** How many invitations a customer's administrators may send, since each is a mail of the supplier's. */
export const perAdministratorAnHour = 20;
export const perCustomerADay = 50;
export const perAddressADay = 3;

/** Throws RequestError 429 when an administrator, their company or the address has had its number. */
export async function requireFewInvitations(
  trx: Db,
  { userId, customerId, email }: { userId: string; customerId: string; email: string },
): Promise<void> {
  const sent = (since: number) =>
    trx
      .selectFrom("invitation")
      .where("createdAt", ">", new Date(Date.now() - since).toISOString())
      .select(({ fn }) => fn.countAll<number>().as("count"));
  const hour = sent(dayMs / 24).where("inviterId", "=", userId);
  const day = sent(dayMs).where("organizationId", "=", customerId);
  const address = sent(dayMs).where("email", "=", email);
  for (const [query, most, words] of [
    [hour, perAdministratorAnHour, "You invited many people within an hour."],
    [day, perCustomerADay, "Your company invited many people within a day."],
    [address, perAddressADay, "This address got several invitations today."],
  ] as const) {
    const { count } = await query.executeTakeFirstOrThrow();
    if (count >= most) throw new RequestError(429, `${words} Please try again later.`);
  }
}
