import { z } from "zod";
import type { Db } from "#db/connect.ts";
import type { Instant } from "#domain/time.ts";

const key = "untrusted_proxy";
const UntrustedProxy = z.object({ address: z.string(), seenAt: z.string() });

/** The last machine whose X-Forwarded headers were ignored, and when. */
export async function readUntrustedProxy(db: Db) {
  const row = await db
    .selectFrom("settings")
    .select("value")
    .where("key", "=", key)
    .executeTakeFirst();
  return row ? UntrustedProxy.parse(JSON.parse(row.value)) : undefined;
}

export async function writeUntrustedProxy(
  db: Db,
  proxy: { address: string; seenAt: Instant },
): Promise<void> {
  const value = JSON.stringify(proxy);
  await db
    .insertInto("settings")
    .values({ key, value })
    .onConflict((conflict) => conflict.column("key").doUpdateSet({ value }))
    .execute();
}
