import { z } from "zod";
import { findUser } from "#db/queries/people.ts";
import { staffRoles } from "#db/queries/scope.ts";
import type { Context } from "#server/context.ts";
import type { Source } from "#server/domain/event.ts";
import { newId } from "#server/domain/id.ts";
import { toInstant } from "#server/domain/time.ts";
import { audited } from "./audited.ts";

export const StaffForm = z.object({
  email: z.string().trim().toLowerCase().pipe(z.email("Write the address like name@example.com")),
  name: z.string().trim().min(1, "Write the person's name").max(100),
  role: z.enum(staffRoles),
});

/**
 * Makes a person one of the supplier's, or changes the role of one who is. They sign in by a mailed
 * link. Gives the user's id.
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
      const change = { staffRole: role, name, updatedAt: now };
      await trx.updateTable("user").set(change).where("id", "=", id).execute();
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
    return { result: id, note: { source, action, subject: id, details: { role } } };
  });
}
