import { randomBytes } from "node:crypto";
import type { Question } from "./intuit-api.ts";

export const intuitClient = { clientId: "client-1", clientSecret: "test-secret-of-the-client" };

interface Answered {
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
}

const accessMs = 3_600_000;

/**
 * Intuit's authorization server: one company for each grant, tokens that last an hour, and refresh
 * tokens of which only the newest is taken.
 */
export function openGrants(clock: () => Date) {
  /** Whom the person on Intuit's page chooses next. */
  let chosen = "9130357766900001";
  const codes = new Map<string, { realm: string; redirectUri: string }>();
  const access = new Map<string, { realm: string; until: number }>();
  const refresh = new Map<string, string>();
  const refreshed: string[] = [];
  const revoked: string[] = [];
  const token = (kind: string) => `${kind}-${randomBytes(8).toString("hex")}`;

  function issue(realm: string) {
    const [access_token, refresh_token] = [token("access"), token("refresh")];
    access.set(access_token, { realm, until: clock().getTime() + accessMs });
    for (const [known, of] of refresh) if (of === realm) refresh.delete(known);
    refresh.set(refresh_token, realm);
    return {
      ...{ token_type: "bearer", access_token, expires_in: accessMs / 1000 },
      ...{ refresh_token, x_refresh_token_expires_in: 8_726_400 },
    };
  }

  function authorize({ url }: Question): Answered {
    const given = url.searchParams;
    const isGood =
      given.get("response_type") === "code" &&
      given.get("client_id") === intuitClient.clientId &&
      given.get("scope") === "com.intuit.quickbooks.accounting" &&
      (given.get("state") ?? "") !== "";
    if (!isGood) return { status: 400, body: { error: "invalid_request" } };
    const code = token("code");
    const redirectUri = given.get("redirect_uri") ?? "";
    codes.set(code, { realm: chosen, redirectUri });
    const back = new URL(redirectUri);
    back.searchParams.set("code", code);
    back.searchParams.set("state", given.get("state") ?? "");
    back.searchParams.set("realmId", chosen);
    return { status: 302, headers: { location: back.href } };
  }

  function exchange({ headers, body }: Question): Answered {
    if (headers.authorization !== basic())
      return { status: 401, body: { error: "invalid_client" } };
    const form = new URLSearchParams(body);
    if (form.get("grant_type") === "authorization_code") {
      const known = codes.get(form.get("code") ?? "");
      codes.delete(form.get("code") ?? "");
      if (known && known.redirectUri === form.get("redirect_uri")) return ok(issue(known.realm));
    }
    if (form.get("grant_type") === "refresh_token") {
      const given = form.get("refresh_token") ?? "";
      refreshed.push(given);
      const realm = refresh.get(given);
      if (realm !== undefined) return ok(issue(realm));
    }
    return { status: 400, body: { error: "invalid_grant" } };
  }

  return {
    refreshed,
    revoked,
    choose(realm: string): void {
      chosen = realm;
    },
    /** An access token without the way there. */
    tokenFor: (realm: string) => issue(realm).access_token,
    /** Access tokens are refused from now on, before they have run out. */
    expire: () => access.clear(),
    /** The company disconnects the app. */
    withdraw(realm: string): void {
      for (const [known, grant] of access) if (grant.realm === realm) access.delete(known);
      for (const [known, of] of refresh) if (of === realm) refresh.delete(known);
    },
    allows(header: string | undefined, realm: string): boolean {
      const grant = access.get(/^Bearer (.+)$/.exec(header ?? "")?.[1] ?? "");
      return grant?.realm === realm && grant.until > clock().getTime();
    },
    /** Undefined for what is no business of the authorization server. */
    answer(question: Question): Answered | undefined {
      const { method, url } = question;
      if (method === "GET" && url.pathname === "/connect/oauth2") return authorize(question);
      if (method !== "POST") return undefined;
      if (url.pathname === "/oauth2/v1/tokens/bearer") return exchange(question);
      if (url.pathname !== "/v2/oauth2/tokens/revoke") return undefined;
      revoked.push(question.body);
      return { status: 200 };
    },
  };
}

function basic(): string {
  const { clientId, clientSecret } = intuitClient;
  return `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`;
}

function ok(body: unknown): Answered {
  return { status: 200, body };
}
