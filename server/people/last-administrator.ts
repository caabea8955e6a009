import type { Db } from "#db/connect.ts";
import { RequestError } from "#server/errors.ts";

/** Throws RequestError 409 when this person is the only administrator: somebody always remains. */
export async function requireAnotherAdministrator(trx: Db, userId: string): Promise<void> {
  const other = await trx
    .selectFrom("user")
    .where("staffRole", "=", "administrator")
    .where("id", "!=", userId)
    .select("id")
    .executeTakeFirst();
  if (!other) throw new RequestError(409, "Somebody else has to be an administrator first");
}
