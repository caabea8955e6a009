import { randomUUID } from "node:crypto";
import type { Asked, Reply } from "./stand-in.ts";

export const clientId = "client-1";
export const clientSecret = "secret-1";
const lifeMs = 30 * 60_000;

interface Options {
  now: () => Date;
  faults: string[];
}

/** Xero's sign-in and token addresses: each refresh token works once. */
export function startFakeIdentity({ now, faults }: Options) {
  const codes = new Map<string, string>();
  const access = new Map<string, number>();
  const refresh = new Set<string>();
  let refreshed = 0;

  function issue(): Reply {
    const [token, next] = [`access-${randomUUID()}`, `refresh-${randomUUID()}`];
    access.set(token, now().getTime() + lifeMs);
    refresh.add(next);
    const body = { access_token: token, refresh_token: next, expires_in: 1800 };
    return json(200, { ...body, token_type: "Bearer", scope: "offline_access" });
  }

  /** Where a person lands who allowed everything. */
  function authorize(url: URL): Reply {
    const asked = url.searchParams;
    const back = asked.get("redirect_uri") ?? "";
    const scopes = asked.get("scope")?.split(" ") ?? [];
    if (asked.get("client_id") !== clientId) faults.push("another client");
    if (asked.get("response_type") !== "code") faults.push("no code is asked for");
    if (!scopes.includes("offline_access")) faults.push("no refresh token is asked for");
    const code = randomUUID();
    codes.set(code, back);
    const location = `${back}?code=${code}&scope=x&state=${asked.get("state")}`;
    return { status: 302, headers: { location } };
  }

  /** Undefined when the client says who it is. */
  function stranger({ method, headers }: Asked): Reply | undefined {
    const basic = Buffer.from(`${clientId}:${clientSecret}`).toString("base64");
    if (method === "POST" && headers.authorization === `Basic ${basic}`) return undefined;
    faults.push("the client says not who it is");
    return json(401, { error: "invalid_client" });
  }

  /** Ends a grant by its refresh token (RFC 7009). */
  function revoke(asked: Asked): Reply {
    const form = new URLSearchParams(asked.body.toString());
    if (!refresh.delete(form.get("token") ?? "")) faults.push("no refresh token is revoked");
    access.clear();
    return stranger(asked) ?? { status: 200 };
  }

  function token(asked: Asked): Reply {
    const refusal = stranger(asked);
    if (refusal) return refusal;
    const form = new URLSearchParams(asked.body.toString());
    if (form.get("grant_type") === "authorization_code") {
      const code = form.get("code") ?? "";
      const isIssued = codes.get(code) === form.get("redirect_uri");
      return codes.delete(code) && isIssued ? issue() : json(400, { error: "invalid_grant" });
    }
    if (form.get("grant_type") !== "refresh_token") faults.push(`grant ${form}`);
    refreshed += 1;
    const isGood = refresh.delete(form.get("refresh_token") ?? "");
    return isGood ? issue() : json(400, { error: "invalid_grant" });
  }

  return {
    answer(asked: Asked, url: URL): Reply | undefined {
      if (url.pathname === "/identity/connect/authorize") return authorize(url);
      if (url.pathname === "/connect/revocation") return revoke(asked);
      return url.pathname === "/connect/token" ? token(asked) : undefined;
    },
    /** What is said to a call without a token that is valid now. */
    refusal({ headers }: Asked): Reply | undefined {
      const [, bearer = ""] = /^Bearer (.+)$/.exec(headers.authorization ?? "") ?? [];
      const until = access.get(bearer);
      if (until !== undefined && until > now().getTime()) return undefined;
      const Detail = "TokenExpired: token expired at 11/20/2026 10:00:00";
      return json(401, { Type: null, Title: "Unauthorized", Status: 401, Detail });
    },
    /** Ends all access tokens before their time. */
    expire: () => access.clear(),
    /** A token as if somebody had connected already. */
    grant(): string {
      const token = `access-${randomUUID()}`;
      access.set(token, now().getTime() + lifeMs);
      return token;
    },
    refreshes: () => refreshed,
  };
}

function json(status: number, body: object): Reply {
  return { status, headers: { "content-type": "application/json" }, body };
}
