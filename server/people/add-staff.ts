import { z } from "zod";
import type { Db } from "#db/connect.ts";
import { findUser, membershipsOf } from "#db/queries/people.ts";
import { staffRoles } from "#db/queries/scope.ts";
import type { Context } from "#server/context.ts";
import type { Source } from "#domain/event.ts";
import { isNameless, PersonName } from "#domain/person-name.ts";
import { RequestError } from "#server/errors.ts";
import { MailAddress } from "#domain/mail-address.ts";
import { newId } from "#domain/id.ts";
import { toInstant } from "#domain/time.ts";
import { audited } from "#server/audit/audited.ts";
import { requireAnotherAdministrator } from "./last-administrator.ts";
import { revokeInvitationsOf } from "./open-invitations.ts";

export const StaffForm = z.object({
  email: MailAddress,
  name: PersonName,
  role: z.enum(staffRoles),
});

/**
 * Makes a person one of the supplier's, or changes the role of one who is. They sign in by a mailed
 * link. Gives the user's id. Throws 409 for the last administrator's own role, and for a customer's person,
 * who would see every customer's invoices at once. A person who has a name keeps it.
 */
export async function addStaff(
  context: Context,
  source: Source,
  { email, name, role }: z.infer<typeof StaffForm>,
): Promise<string> {
  const now = toInstant(context.clock());
  return audited(context, async (trx) => {
    const known = await findUser(trx, email);
    const id = known?.id ?? newId("usr");
    if (known) {
      await requireChangeable(trx, known, role);
      const change = {
        staffRole: role,
        // Their own name, unless nobody said one or it is that of this list.
        name: known.staffRole !== null || isNameless(known) ? name : known.name,
        updatedAt: now,
      };
      await trx.updateTable("user").set(change).where("id", "=", id).execute();
      // An auditor invites nobody.
      if (role === "auditor") await revokeInvitationsOf(trx, { userId: id });
    } else {
      const user = {
        id,
        name,
        email,
        emailVerified: 0,
        image: null,
        createdAt: now,
        updatedAt: now,
      };
      const asStaff = { ...user, staffRole: role, locale: null, timeZone: null };
      await trx.insertInto("user").values(asStaff).execute();
    }
    const action = known?.staffRole ? "staff_changed" : "staff_added";
    const details = {
      role,
      ...(known?.staffRole && known.staffRole !== role && { roleBefore: known.staffRole }),
      ...(known && known.name !== name && { name, nameBefore: known.name }),
    };
    return { result: id, note: { source, action, subject: id, details } };
  });
}

async function requireChangeable(
  trx: Db,
  known: { id: string; staffRole: string | null },
  role: string,
): Promise<void> {
  if (known.staffRole === "administrator" && role !== "administrator") {
    await requireAnotherAdministrator(trx, known.id);
  }
  if (known.staffRole !== null) return;
  const [customer] = await membershipsOf(trx, { user: known.id });
  if (!customer) return;
  const words = `This person works for ${customer.name}. Remove them there first, or use another address.`;
  throw new RequestError(409, words, { fields: { email: words } });
}
