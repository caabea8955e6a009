import type { Db } from "#db/connect.ts";
import type { Instant } from "#domain/time.ts";

interface Suppression {
  address: string;
  refused_at: Instant;
  /** What its server answered. */
  answer: string;
}

/** What an address answered when it refused mail; undefined when it takes mail. */
export function suppressionOf(db: Db, address: string) {
  return db
    .selectFrom("mail_suppressions")
    .selectAll()
    .where("address", "=", address.toLowerCase())
    .executeTakeFirst();
}

/** The addresses that refuse mail, the latest first. */
export function listSuppressions(db: Db, limit: number) {
  return db
    .selectFrom("mail_suppressions")
    .selectAll()
    .orderBy("refused_at", "desc")
    .orderBy("address")
    .limit(limit)
    .execute();
}

export async function countSuppressions(db: Db): Promise<number> {
  const row = await db
    .selectFrom("mail_suppressions")
    .select((of) => of.fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** Writes down that an address refused mail; the first answer stays. */
export async function suppress(trx: Db, suppression: Suppression): Promise<void> {
  await trx
    .insertInto("mail_suppressions")
    .values({ ...suppression, address: suppression.address.toLowerCase() })
    .onConflict((on) => on.column("address").doNothing())
    .execute();
}

/** Takes mail to an address again. False when it was not suppressed. */
export async function unsuppress(trx: Db, address: string): Promise<boolean> {
  const gone = await trx
    .deleteFrom("mail_suppressions")
    .where("address", "=", address.toLowerCase())
    .returning("address")
    .execute();
  return gone.length > 0;
}
