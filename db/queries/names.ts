import type { Db } from "#db/connect.ts";

/**
 * Names of people, customers, customer records, API keys, invitations and connections by id, for words
 * about them; what is gone has none.
 */
export async function namesOf(db: Db, ids: readonly string[]): Promise<Map<string, string>> {
  const all = [...new Set(ids)];
  const starting = (prefix: string) => all.filter((id) => id.startsWith(`${prefix}_`));
  const [people, customers, records, keys, invitations] = await Promise.all([
    named(db, "user", starting("usr")),
    named(db, "organization", starting("cus")),
    named(db, "customer_records", starting("crd")),
    named(db, "api_keys", starting("key")),
    addresses(db, starting("ivt")),
  ]);
  const plain = all.filter((id) => /^[a-z0-9][a-z0-9-]{0,49}$/.test(id));
  const connections = await named(db, "connections", plain);
  return new Map([people, customers, records, keys, invitations, connections].flat());
}

type Named = "user" | "organization" | "customer_records" | "api_keys" | "connections";

async function named(db: Db, table: Named, ids: string[]): Promise<[string, string][]> {
  if (ids.length === 0) return [];
  const rows = await db.selectFrom(table).where("id", "in", ids).select(["id", "name"]).execute();
  return rows.map(({ id, name }) => [id, name]);
}

async function addresses(db: Db, ids: string[]): Promise<[string, string][]> {
  if (ids.length === 0) return [];
  const rows = await db
    .selectFrom("invitation")
    .where("id", "in", ids)
    .select(["id", "email"])
    .execute();
  return rows.map(({ id, email }) => [id, email]);
}
