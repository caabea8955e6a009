import { takeConnectRequest } from "#db/queries/connect-requests.ts";
import type { Source } from "#domain/event.ts";
import { toInstant } from "#domain/time.ts";
import { RequestError } from "#server/errors.ts";
import type { Portal } from "#server/portal-context.ts";
import { hashOf, redirectUri, verifierVault } from "./start-grant.ts";
import { exchangeCode } from "./oauth.ts";

interface CameBack {
  callback: URLSearchParams;
  sessionToken: string;
  /** The user who allowed it. */
  userId: string;
  source: Source;
}

/** What connecting led to. */
export interface Connected {
  app: string;
  organisations: string[];
}

/**
 * Ends what `beginConnect` began: takes the vendor's code, and makes a connection of each organisation
 * that the grant reaches, or gives the new grant to the connection there is. Throws RequestError 422
 * with the reason in plain words, UpstreamError when the vendor could not be asked.
 */
export async function finishConnect(portal: Portal, cameBack: CameBack): Promise<Connected> {
  const { callback, sessionToken } = cameBack;
  const state = callback.get("state") ?? "";
  const request = await takeConnectRequest(portal.writer, hashOf(state));
  const isOurs = request?.session === hashOf(sessionToken);
  if (!request || !isOurs || request.expires_at <= toInstant(portal.clock())) {
    throw new RequestError(
      422,
      "This way back was used already, is older than 10 minutes, or was begun by somebody else. Begin again.",
    );
  }
  const { app } = request;
  const { client, http, organisations: list, name } = portal.connections.appOf(app);
  const verifier = verifierVault(portal).open(request.verifier, request.state);
  const back = { callback, redirectUri: redirectUri(portal), state, verifier };
  const tokens = await exchangeCode(http, client, back);
  const found = await list({ token: tokens.access, callback });
  if (found.length === 0) throw new RequestError(422, `${name}: no organisation was allowed`);
  const { userId, source } = cameBack;
  const granted = { app, tokens, found, userId, source };
  const organisations = await portal.connections.keepGrant(granted);
  return { app, organisations };
}
