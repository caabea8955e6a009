import * as oauth from "oauth4webapi";
import { RequestError, UpstreamError } from "#server/errors.ts";
import type { ConnectorHttp, OAuthClient } from "#server/connectors/contract.ts";

/** What a vendor's token endpoint gave, with times as instants. */
export interface TokenSet {
  access: string;
  /** null: the vendor gave none, or none that is new. */
  refresh: string | null;
  accessExpiresAt: string;
  refreshExpiresAt: string | null;
}

/** A vendor that does not say how long its token lasts is asked again early. */
const shortLifeSeconds = 600;

/** The vendor's page on which a person allows the app; `verifier` is used where the vendor has PKCE. */
export async function authorizeUrl(
  client: OAuthClient,
  { redirectUri, state, verifier }: { redirectUri: string; state: string; verifier: string },
): Promise<string> {
  const url = new URL(client.authorizeUrl);
  const asked = {
    response_type: "code",
    client_id: client.clientId,
    redirect_uri: redirectUri,
    scope: client.scopes.join(" "),
    state,
  };
  for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
  if (client.pkce) {
    url.searchParams.set("code_challenge", await oauth.calculatePKCECodeChallenge(verifier));
    url.searchParams.set("code_challenge_method", "S256");
  }
  return url.href;
}

interface Exchange {
  callback: URLSearchParams;
  redirectUri: string;
  state: string;
  verifier: string;
}

/**
 * The tokens for a code (RFC 6749, 4.1.3). Throws RequestError 422 with the vendor's words when the
 * person or the vendor said no, UpstreamError when the vendor could not be asked.
 */
export async function exchangeCode(
  http: ConnectorHttp,
  client: OAuthClient,
  { callback, redirectUri, state, verifier }: Exchange,
): Promise<TokenSet> {
  const { server, id, authentication, options } = partsOf(http, client);
  // The state names the app, so who answered is known already (RFC 9207 guards the same).
  const answer = new URLSearchParams(callback);
  answer.delete("iss");
  try {
    const params = oauth.validateAuthResponse(server, id, answer, state);
    const proof = client.pkce ? verifier : oauth.nopkce;
    const response = await oauth.authorizationCodeGrantRequest(
      ...([server, id, authentication, params, redirectUri, proof, options] as const),
    );
    const tokens = await oauth.processAuthorizationCodeResponse(server, id, response);
    return tokenSetOf(tokens, http.now());
  } catch (cause) {
    if (cause instanceof UpstreamError) throw cause;
    throw new RequestError(422, `${http.name} refused: ${wordsOf(cause)}`, { cause });
  }
}

/** The vendor will not renew this grant: somebody has to connect anew. */
export class GrantRefused extends Error {
  override name = "GrantRefused";
}

/**
 * The next set of tokens (RFC 6749, 6). Throws GrantRefused when the vendor ended the grant,
 * UpstreamError for everything that may pass; `unknown` when nobody knows whether it was renewed.
 */
export async function refreshTokens(
  http: ConnectorHttp,
  client: OAuthClient,
  refresh: string,
): Promise<TokenSet> {
  const { server, id, authentication, options } = partsOf(http, client);
  const call = oauth.refreshTokenGrantRequest(server, id, authentication, refresh, options);
  const response = await call;
  try {
    return tokenSetOf(await oauth.processRefreshTokenResponse(server, id, response), http.now());
  } catch (cause) {
    const words = wordsOf(cause);
    if (cause instanceof oauth.ResponseBodyError && cause.error === "invalid_grant") {
      throw new GrantRefused(words, { cause });
    }
    throw new UpstreamError(`${http.name} gave no new access token: ${words}`, { cause });
  }
}

/** Ends a grant at the vendor (RFC 7009). Throws UpstreamError when it could not be told. */
export async function revokeToken(
  http: ConnectorHttp,
  client: OAuthClient,
  token: string,
): Promise<void> {
  if (client.revokeUrl === undefined) return;
  const { server, id, authentication, options } = partsOf(http, client);
  const response = await oauth.revocationRequest(server, id, authentication, token, options);
  if (response.ok) return;
  throw new UpstreamError(`${http.name} answered ${response.status}`, { status: response.status });
}

function partsOf(http: ConnectorHttp, client: OAuthClient) {
  const server: oauth.AuthorizationServer = {
    issuer: new URL(client.tokenUrl).origin,
    token_endpoint: client.tokenUrl,
    ...(client.revokeUrl !== undefined && { revocation_endpoint: client.revokeUrl }),
  };
  const options = {
    [oauth.customFetch]: fetchThrough(http),
    // A vendor on this machine, in tests and in the demo; any other is asked by https alone.
    [oauth.allowInsecureRequests]: isLoopback(client.tokenUrl),
  };
  return { server, id: { client_id: client.clientId }, authentication: basic(client), options };
}

/**
 * RFC 6749, 2.3.1, without escaping what needs none: not every vendor undoes the escapes that the
 * library's own makes of "-" and "_".
 */
function basic({ clientId, clientSecret }: OAuthClient): oauth.ClientAuth {
  const pair = [clientId, clientSecret].map(encodeURIComponent).join(":");
  const authorization = `Basic ${Buffer.from(pair).toString("base64")}`;
  return (_server, _client, _body, headers) => headers.set("authorization", authorization);
}

/** The token calls go the way of all calls: no private addresses, no redirects, bounded in time. */
function fetchThrough(http: ConnectorHttp) {
  return async (
    url: string,
    { headers, body }: oauth.CustomFetchOptions<"POST", URLSearchParams>,
  ): Promise<Response> => {
    const answer = await http.request({ method: "POST", url, headers, body: body.toString() });
    const { status, text } = answer;
    // A failing server says nothing about the grant.
    if (status >= 500) {
      throw new UpstreamError(`${http.name} answered ${status}`, { status, outcome: "unknown" });
    }
    const isEmpty = status === 204 || status === 304;
    return new Response(isEmpty ? null : text, { status, headers: answer.headers });
  };
}

function isLoopback(url: string): boolean {
  return /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/.test(new URL(url).hostname);
}

function tokenSetOf(tokens: oauth.TokenEndpointResponse, now: Date): TokenSet {
  const at = (seconds: number) => new Date(now.getTime() + seconds * 1000).toISOString();
  const { access_token, refresh_token, expires_in = shortLifeSeconds } = tokens;
  // Intuit: x_refresh_token_expires_in; others: refresh_token_expires_in, refresh_expires_in.
  const lasts = [
    tokens["x_refresh_token_expires_in"],
    tokens["refresh_token_expires_in"],
    tokens["refresh_expires_in"],
  ].find((seconds) => typeof seconds === "number");
  return {
    access: access_token,
    refresh: refresh_token ?? null,
    accessExpiresAt: at(expires_in),
    refreshExpiresAt: typeof lasts === "number" ? at(lasts) : null,
  };
}

/** The vendor's own words, else the library's. */
function wordsOf(error: unknown): string {
  if (
    error instanceof oauth.ResponseBodyError ||
    error instanceof oauth.AuthorizationResponseError
  ) {
    const { error: code, error_description: description } = error;
    return description === undefined ? code : `${code}, ${description}`;
  }
  return error instanceof Error ? error.message : String(error);
}
