import type { Db } from "#db/connect.ts";
import type { ApiRequestTable } from "#db/schema/access.ts";
import type { Instant } from "#domain/time.ts";

type Claim = Omit<ApiRequestTable, "dispute_id">;

/**
 * Takes an `Idempotency-Key` for this transaction; another one with the same waits for its end. Gives
 * undefined when it was free, else what it was used for.
 */
export async function claimRequest(trx: Db, claim: Claim): Promise<ApiRequestTable | undefined> {
  const taken = await trx
    .insertInto("api_requests")
    .values({ ...claim, dispute_id: null })
    .onConflict((conflict) => conflict.doNothing())
    .returning("key_id")
    .executeTakeFirst();
  if (taken) return undefined;
  return trx
    .selectFrom("api_requests")
    .where("key_id", "=", claim.key_id)
    .where("idempotency_key", "=", claim.idempotency_key)
    .selectAll()
    .executeTakeFirst();
}

/** Notes what a claimed key did. */
export async function noteDispute(
  trx: Db,
  { key, once, dispute }: { key: string; once: string; dispute: string },
): Promise<void> {
  await trx
    .updateTable("api_requests")
    .set({ dispute_id: dispute })
    .where("key_id", "=", key)
    .where("idempotency_key", "=", once)
    .execute();
}

/** Forgets keys that were used before an instant. */
export async function deleteOldRequests(writer: Db, before: Instant): Promise<void> {
  await writer.deleteFrom("api_requests").where("created_at", "<", before).execute();
}
