import { z } from "zod";
import type { Context } from "#server/context.ts";
import { readAmount } from "#domain/read-amount.ts";
import { RequestError } from "#server/errors.ts";
import { act, disputeNow } from "./act-on-dispute.ts";
import type { Actor } from "#server/people/actor.ts";

export const ResolveForm = z.object({
  do: z.literal("resolve"),
  /** A decimal as people write it, e.g. 1.234,50. */
  credit: z.string().trim().min(1, "Write the amount that is credited, 0 for none"),
  text: z.string().trim().min(1, "Write what the customer will read").max(5000),
  rootCause: z.string().trim().max(200),
});

interface Resolution {
  disputeId: string;
  /** Minor units, from 0 to the disputed amount. */
  creditedAmount: number;
  message?: string | undefined;
  /** For finance alone. */
  rootCause?: string | undefined;
}

/** Ends a dispute with a credit. Throws 422 when it is below zero or above what is disputed. */
export async function resolveDispute(
  context: Context,
  actor: Actor,
  { disputeId, creditedAmount, message, rootCause }: Resolution,
): Promise<void> {
  const dispute = await disputeNow(context, disputeId);
  if (creditedAmount < 0 || creditedAmount > dispute.amount) {
    const message = "Credit from nothing up to the amount in dispute";
    throw new RequestError(422, message, { fields: { creditedAmount: message } });
  }
  await act(context, actor, [
    {
      kind: "move_dispute",
      disputeId,
      state: "resolved",
      creditedAmount,
      ...(message ? { message } : {}),
      ...(rootCause ? { rootCause } : {}),
    },
  ]);
}

/** Resolves with an amount as it was typed in the person's locale. Throws 422 when it can't be read. */
export async function resolveWithText(
  context: Context,
  actor: Actor,
  form: z.infer<typeof ResolveForm> & { disputeId: string; locale: string },
): Promise<void> {
  const { currency } = await disputeNow(context, form.disputeId);
  const creditedAmount = readAmount({ text: form.credit, currency, locale: form.locale }, "credit");
  const { disputeId, text: message, rootCause } = form;
  try {
    await resolveDispute(context, actor, { disputeId, creditedAmount, message, rootCause });
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    const { creditedAmount: credit, ...others } = error.fields;
    if (credit === undefined) throw error;
    const fields = { ...others, credit };
    throw new RequestError(error.status, error.message, { fields, cause: error });
  }
}
