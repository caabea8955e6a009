import { z } from "zod";
import type { Db } from "#db/connect.ts";

/** The key that signs checkpoints; one row of `settings` under `signing_key`. */
const SigningKey = z.object({
  /** The ledger's name: the portal's host and path when the key was made. */
  origin: z.string(),
  /** As a C2SP verifier key: name, key id, public key. */
  publicKey: z.string(),
  /** PKCS #8 in DER, sealed under APP_SECRET, base64. */
  sealed: z.string(),
});
export type SigningKey = z.infer<typeof SigningKey>;

const key = "signing_key";

/** The key with its secret part sealed; undefined until the first checkpoint. */
export async function readSigningKey(db: Db): Promise<SigningKey | undefined> {
  const row = await db
    .selectFrom("settings")
    .select("value")
    .where("key", "=", key)
    .executeTakeFirst();
  return row && SigningKey.parse(JSON.parse(row.value));
}

/** What checkpoints are opened by; undefined until the first one. */
export async function readPublicKey(db: Db): Promise<string | undefined> {
  return (await readSigningKey(db))?.publicKey;
}

/** Keeps the key, unless another process was faster. */
export async function insertSigningKey(trx: Db, made: SigningKey): Promise<void> {
  await trx
    .insertInto("settings")
    .values({ key, value: JSON.stringify(made) })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Replaces its sealing, when APP_SECRET was replaced. */
export async function resealSigningKey(trx: Db, resealed: SigningKey): Promise<void> {
  await trx
    .updateTable("settings")
    .set({ value: JSON.stringify(resealed) })
    .where("key", "=", key)
    .execute();
}
