import { createHash } from "node:crypto";
import { generateRandomCodeVerifier, generateRandomState } from "oauth4webapi";
import { insertConnectRequest } from "#db/queries/connect-requests.ts";
import { plusMs, toInstant } from "#domain/time.ts";
import type { Portal } from "#server/portal-context.ts";
import { openVault } from "#server/vault.ts";
import { authorizeUrl } from "./oauth.ts";

const requestMs = 10 * 60_000;

/** Where vendors send people back to. */
export const callbackPath = "/connect/callback";

/**
 * Begins to connect an organisation to an app: gives the vendor's page to go to. The way back works
 * once, within ten minutes, in the session that asked. Throws RequestError 404 when it is no app.
 */
export async function beginConnect(
  portal: Portal,
  { app, sessionToken }: { app: string; sessionToken: string },
): Promise<string> {
  const { client } = portal.connections.appOf(app);
  const state = generateRandomState();
  const verifier = generateRandomCodeVerifier();
  const now = toInstant(portal.clock());
  const row = {
    ...{ app, state: hashOf(state), session: hashOf(sessionToken) },
    verifier: verifierVault(portal).seal(verifier, hashOf(state)),
    expires_at: plusMs(now, requestMs),
  };
  await insertConnectRequest(portal.writer, row, now);
  return authorizeUrl(client, { redirectUri: redirectUri(portal), state, verifier });
}

export function redirectUri({ config }: Pick<Portal, "config">): string {
  return config.publicUrl + callbackPath;
}

export function verifierVault({ config }: Pick<Portal, "config">) {
  return openVault(config.appSecrets, "oauth verifier");
}

/** What is kept of a secret that comes back: enough to know it again. */
export function hashOf(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}
