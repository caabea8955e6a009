import { z } from "zod";
import type { Context } from "#server/context.ts";
import type { Source } from "#domain/event.ts";
import { newId } from "#domain/id.ts";
import { toInstant } from "#domain/time.ts";
import { audited } from "#server/audit/audited.ts";
import { nameOf } from "#domain/name.ts";

export const CustomerForm = z.object({
  do: z.literal("create"),
  name: nameOf({ missing: "Write the company's name", longest: 200 }),
});

/** Makes a customer: a company that can sign in once somebody is invited. Gives its id. */
export function createCustomer(
  context: Context,
  source: Source,
  { name }: { name: string },
): Promise<string> {
  const id = newId("cus");
  return audited(context, async (trx) => {
    await trx
      .insertInto("organization")
      .values({
        id,
        name,
        slug: id,
        logo: null,
        createdAt: toInstant(context.clock()),
        metadata: null,
      })
      .execute();
    return {
      result: id,
      note: { source, action: "customer_created", subject: id, details: { name } },
    };
  });
}
