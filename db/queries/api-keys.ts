import type { Selectable } from "kysely";
import type { Db } from "#db/connect.ts";
import type { ApiKeyTable } from "#db/schema/access.ts";
import { plusMs, type Instant } from "#domain/time.ts";

type ApiKeyRow = Selectable<ApiKeyTable>;

/** Keys without their hashes, newest first, all or those of one maker; revoked ones stay in the list. */
export function listKeyRows(
  db: Db,
  { madeBy }: { madeBy?: string } = {},
): Promise<Omit<ApiKeyRow, "hash">[]> {
  let keys = db.selectFrom("api_keys");
  if (madeBy !== undefined) keys = keys.where("made_by", "=", madeBy);
  return keys
    .select(["id", "name", "role", "customer_id", "created_at", "expires_at"])
    .select(["revoked_at", "last_used_at", "made_by"])
    .orderBy("created_at", "desc")
    .orderBy("id")
    .limit(500)
    .execute();
}

/** The key with a hash, unless it was revoked. */
export function findKeyByHash(db: Db, hash: string): Promise<ApiKeyRow | undefined> {
  return db
    .selectFrom("api_keys")
    .where("hash", "=", hash)
    .where("revoked_at", "is", null)
    .selectAll()
    .executeTakeFirst();
}

export async function insertKey(trx: Db, row: ApiKeyRow): Promise<void> {
  await trx.insertInto("api_keys").values(row).execute();
}

/** Gives the name of the key that was revoked; undefined when there is none to revoke. */
export function revokeKeyRow(trx: Db, id: string, now: Instant) {
  return trx
    .updateTable("api_keys")
    .set({ revoked_at: now })
    .where("id", "=", id)
    .where("revoked_at", "is", null)
    .returning(["id", "name"])
    .executeTakeFirst();
}

/** Notes the use of a key, at most once a minute so that reading does not become writing. */
export async function touchKey(writer: Db, row: ApiKeyRow, now: Instant): Promise<void> {
  if (row.last_used_at !== null && row.last_used_at > plusMs(now, -60_000)) return;
  await writer
    .updateTable("api_keys")
    .set({ last_used_at: now })
    .where("id", "=", row.id)
    .execute();
}
