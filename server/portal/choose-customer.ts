import { z } from "zod";
import type { Session } from "#db/queries/people.ts";
import type { Context } from "#server/context.ts";
import { RequestError } from "#server/errors.ts";

export const ChooseForm = z.object({ customerId: z.string(), to: z.string().default("/") });

/** Makes a customer the one that the session acts for. Throws 404 unless the person belongs to it. */
export async function chooseCustomer(
  { writer }: Context,
  session: Pick<Session, "token" | "userId">,
  customerId: string,
): Promise<void> {
  const chosen = await writer
    .updateTable("session")
    .set({ activeOrganizationId: customerId })
    .where("token", "=", session.token)
    .where((is) =>
      is.exists(
        is
          .selectFrom("member")
          .where("userId", "=", session.userId)
          .where("organizationId", "=", customerId)
          .select("id"),
      ),
    )
    .executeTakeFirst();
  if (chosen.numUpdatedRows === 0n) throw new RequestError(404, "There is no such customer");
}
