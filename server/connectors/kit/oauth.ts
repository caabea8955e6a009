import { z } from "zod";
import type { ConnectorHttp } from "#server/connectors/contract.ts";
import { encoded, readAnswer } from "./rest.ts";

interface ClientCredentials {
  tokenUrl: string;
  clientId: string;
  clientSecret: string;
  scope?: string | undefined;
}

const Token = z.object({ access_token: z.string().min(1), expires_in: z.number().default(300) });
const renewEarlyMs = 30_000;

/** Gives a bearer token by OAuth 2 client credentials (RFC 6749, 4.4); asks anew shortly before it ends. */
export function clientCredentials(http: ConnectorHttp, client: ClientCredentials) {
  const { tokenUrl, clientId, clientSecret, scope } = client;
  let known: { token: string; until: number } | null = null;
  return async (): Promise<string> => {
    const now = http.now().getTime();
    if (known && now < known.until) return known.token;
    const form = new URLSearchParams({ grant_type: "client_credentials", ...(scope && { scope }) });
    const { body, headers } = encoded(form);
    const basic = [clientId, clientSecret].map(encodeURIComponent).join(":");
    const authorization = `Basic ${Buffer.from(basic).toString("base64")}`;
    const asked = { method: "POST" as const, url: tokenUrl, body };
    const answer = await http.request({ ...asked, headers: { ...headers, authorization } });
    // A token that was asked for in vain changed nothing: it is a question, not a write.
    const { access_token, expires_in } = readAnswer(http, { method: "GET", schema: Token, answer });
    known = { token: access_token, until: now + expires_in * 1000 - renewEarlyMs };
    return access_token;
  };
}
