import { z } from "zod";
import type { Db } from "#db/connect.ts";
import { idsNamed } from "#db/queries/picks.ts";
import { RequestError } from "#server/errors.ts";

/** What a field to choose from sends: the id of what was chosen, and what stands in it. */
export const PickedCustomer = z.object({
  customer: z.string().trim().max(100).default(""),
  customerName: z.string().trim().max(200).default(""),
});
export const PickedRecord = z.object({
  record: z.string().trim().max(100).default(""),
  recordName: z.string().trim().max(200).default(""),
});

/**
 * The id that a field to choose from means: the chosen one, else the only one of exactly this name;
 * empty where nothing was written. Throws 422 under the field when none or several have the name.
 */
export async function pickedId(
  db: Db,
  what: "customer" | "record",
  { id, name }: { id: string; name: string },
): Promise<string> {
  if (id !== "" || name === "") return id;
  const [only, another] = await idsNamed(db, what, name);
  if (only && !another) return only.id;
  const words = what === "customer" ? "customer" : "customer record without a customer";
  const message = only
    ? `Several have the name ${name}: choose one from the list`
    : `There is no ${words} of the name ${name}: choose one from the list`;
  throw new RequestError(422, message, { fields: { [what]: message } });
}
