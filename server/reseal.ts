import { listConnections } from "#db/queries/connections.ts";
import { listGrants } from "#db/queries/grants.ts";
import { readSigningKey } from "#db/queries/signing-key.ts";
import type { Connections } from "./connections/connections.ts";
import type { Context } from "./context.ts";
import { resealSigner } from "./proofs/signer.ts";
import { openVault, sealed } from "./vault.ts";

/**
 * Seals anew what an older APP_SECRET sealed, so that it can be given up. Only the server's start does
 * it: a command may run beside a server that does not know the new one yet.
 */
export async function resealAll(context: Context, connections: Connections): Promise<void> {
  await connections.reseal();
  await resealSigner(context);
}

/** How much is still sealed under an older APP_SECRET than the first. */
export async function countOlder({ db, config }: Context): Promise<number> {
  const older = (purpose: string, all: readonly Uint8Array[]) => {
    const vault = openVault(config.appSecrets, purpose);
    return all.filter((bytes) => !vault.isCurrent(bytes)).length;
  };
  const connections = await listConnections(db);
  const grants = await listGrants(db);
  const key = await readSigningKey(db);
  return (
    older(
      sealed.connections,
      connections.map(({ secrets }) => secrets),
    ) +
    older(
      sealed.tokens,
      grants.map(({ tokens }) => tokens),
    ) +
    older(sealed.signingKey, key ? [Buffer.from(key.sealed, "base64")] : [])
  );
}
