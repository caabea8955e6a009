import { generateKeyPairSync } from "node:crypto";
import {
  insertSigningKey,
  readSigningKey,
  resealSigningKey,
  type SigningKey,
} from "#db/queries/signing-key.ts";
import type { Context } from "#server/context.ts";
import { type Signer, verifierKey } from "#domain/note.ts";
import { openVault, sealed as sealedFor } from "#server/vault.ts";

const about = "the ledger's key";

/**
 * The key that signs checkpoints, made at its first use. The ledger's name is the host that the portal
 * has then, and stays, so that what was signed can be checked after a move. Throws when no APP_SECRET
 * opens the key.
 */
export async function openSigner(context: Context): Promise<Signer & { publicKey: string }> {
  const vault = openVault(context.config.appSecrets, sealedFor.signingKey);
  const kept = (await readSigningKey(context.db)) ?? (await makeKey(context));
  const opened = vault.open(Buffer.from(kept.sealed, "base64"), about);
  const privateKey = Buffer.from(opened, "base64");
  return { name: kept.origin, privateKey, publicKey: kept.publicKey };
}

/**
 * Seals the key anew when an older APP_SECRET sealed it. Nothing happens before the first checkpoint.
 * Throws when no APP_SECRET opens the key.
 */
export async function resealSigner(context: Context): Promise<void> {
  const vault = openVault(context.config.appSecrets, sealedFor.signingKey);
  const kept = await readSigningKey(context.db);
  if (!kept || vault.isCurrent(Buffer.from(kept.sealed, "base64"))) return;
  const { name, privateKey } = await openSigner(context);
  await resealSigningKey(context.writer, sealedKey(context, name, Buffer.from(privateKey)));
}

async function makeKey(context: Context): Promise<SigningKey> {
  const { privateKey } = generateKeyPairSync("ed25519");
  const encoded = privateKey.export({ format: "der", type: "pkcs8" });
  const origin = `${new URL(context.config.publicUrl).host}/ledger`;
  await insertSigningKey(context.writer, sealedKey(context, origin, encoded));
  // Another process may have been faster: what counts is what is stored.
  const stored = await readSigningKey(context.writer);
  if (!stored) throw new Error("The ledger's key was not stored");
  return stored;
}

function sealedKey({ config }: Context, origin: string, privateKey: Buffer): SigningKey {
  const vault = openVault(config.appSecrets, sealedFor.signingKey);
  const sealed = vault.seal(privateKey.toString("base64"), about).toString("base64");
  return { origin, publicKey: verifierKey({ name: origin, privateKey }), sealed };
}
