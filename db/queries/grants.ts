import type { Insertable } from "kysely";
import type { Db } from "#db/connect.ts";
import type { OAuthGrantRow, OAuthGrantTable } from "#db/schema/connections.ts";
import type { Instant } from "#domain/time.ts";

export function findGrant(db: Db, id: string): Promise<OAuthGrantRow | undefined> {
  return db.selectFrom("oauth_grants").selectAll().where("id", "=", id).executeTakeFirst();
}

/** Every grant; a deployment has a handful. */
export function listGrants(db: Db): Promise<OAuthGrantRow[]> {
  return db.selectFrom("oauth_grants").selectAll().orderBy("id").limit(1000).execute();
}

export async function insertGrant(db: Db, row: Insertable<OAuthGrantTable>): Promise<void> {
  await db.insertInto("oauth_grants").values(row).execute();
}

interface Lease {
  id: string;
  version: number;
  now: Instant;
  until: Instant;
}

/** Takes the right to refresh this set of tokens. False while another has it, or once it was replaced. */
export async function leaseGrant(db: Db, { id, version, now, until }: Lease): Promise<boolean> {
  const leased = await db
    .updateTable("oauth_grants")
    .set({ refreshing_until: until })
    .where("id", "=", id)
    .where("version", "=", version)
    .where("broken_at", "is", null)
    .where((row) =>
      row.or([row("refreshing_until", "is", null), row("refreshing_until", "<=", now)]),
    )
    .returning("id")
    .execute();
  return leased.length === 1;
}

type Fresh = Pick<
  OAuthGrantRow,
  "tokens" | "access_expires_at" | "refresh_expires_at" | "refreshed_at"
>;

/** Replaces a set of tokens by the next one and gives the lease back. False when it was replaced before. */
export async function replaceTokens(
  db: Db,
  { id, version }: Pick<OAuthGrantRow, "id" | "version">,
  fresh: Fresh,
): Promise<boolean> {
  const replaced = await db
    .updateTable("oauth_grants")
    .set({ ...fresh, version: version + 1, refreshing_until: null })
    .where("id", "=", id)
    .where("version", "=", version)
    .returning("id")
    .execute();
  return replaced.length === 1;
}

/** Gives the lease back: the next one tries with the same set. */
export async function releaseGrant(
  db: Db,
  { id, version }: Pick<OAuthGrantRow, "id" | "version">,
): Promise<void> {
  await db
    .updateTable("oauth_grants")
    .set({ refreshing_until: null })
    .where("id", "=", id)
    .where("version", "=", version)
    .execute();
}

/** The vendor ended it. False when that was known, or when the set was replaced meanwhile. */
export async function breakGrant(
  db: Db,
  { id, version }: Pick<OAuthGrantRow, "id" | "version">,
  { at, fault }: { at: Instant; fault: string },
): Promise<boolean> {
  const broken = await db
    .updateTable("oauth_grants")
    .set({ broken_at: at, fault, refreshing_until: null })
    .where("id", "=", id)
    .where("version", "=", version)
    .where("broken_at", "is", null)
    .returning("id")
    .execute();
  return broken.length === 1;
}

/** Tokens sealed anew under the present APP_SECRET; their version stays. */
export async function resealTokens(
  db: Db,
  { id, version }: Pick<OAuthGrantRow, "id" | "version">,
  tokens: Uint8Array,
): Promise<void> {
  await db
    .updateTable("oauth_grants")
    .set({ tokens })
    .where("id", "=", id)
    .where("version", "=", version)
    .execute();
}

/** Removes the grants of an app that no connection uses any more; gives them. */
export function deleteUnusedGrants(db: Db, app: string): Promise<OAuthGrantRow[]> {
  const used = db
    .selectFrom("connections")
    .select("connections.grant_id")
    .where("grant_id", "is not", null);
  return db
    .deleteFrom("oauth_grants")
    .where("app", "=", app)
    .where("id", "not in", used)
    .returningAll()
    .execute();
}
