import { createHash, randomBytes } from "node:crypto";
import { betterAuth } from "better-auth";
import { magicLink } from "better-auth/plugins";
import { z } from "zod";
import { AuthDates } from "#db/auth-dates.ts";
import { isPostgres } from "#db/postgres.ts";
import { findSession, findUser, type Session } from "#db/queries/people.ts";
import { describeSession, touchSession } from "#db/queries/sessions.ts";
import type { Context } from "#server/context.ts";
import { isStale, sessionSeconds, sessionValidity } from "./session-life.ts";
import { cookieOf } from "#server/http/cookie.ts";
import { readMailAddress } from "#domain/mail-address.ts";
import { RequestError } from "#server/errors.ts";
import { hasAsked, linkSeconds } from "./asked.ts";
import { type LinkUse, sealOf, signedValue, useOf } from "./link-seal.ts";
import { queueSignIn } from "#server/mail/sign-in.ts";
import { networkOf } from "#server/http/peer.ts";
import { logSecurity } from "./security-log.ts";
import { countMail, countTry, createSignInLimits } from "./sign-in-limits.ts";

/** The work behind an answer begins after a part of this, so that its time says nothing of the address. */
const longestDelayMs = 1_000;

export interface LinkRequest {
  email: string;
  /** The peer's network address, for the rate limit. */
  peer: string;
  /** A checked local path to go to afterwards. */
  to: string;
}

/** A link whose button was pressed. */
interface ConfirmedLink {
  token: string;
  seal: string;
  /** What the browser keeps of having asked, see `askedMark`. */
  asked: readonly string[];
  peer: string;
  /** What the browser calls itself, for the person's list of sessions. */
  userAgent?: string | null;
}

/**
 * Signing in by a mailed link. better-auth keeps users, sessions and hashed tokens; its HTTP handler
 * is not mounted, so a token is consumed by our own POST and by nothing else.
 */
export class Auth {
  readonly #context: Context;
  readonly #better: ReturnType<typeof createBetterAuth>;
  readonly #limits = createSignInLimits();

  constructor(context: Context) {
    this.#context = context;
    this.#better = createBetterAuth(context);
  }

  /**
   * Mails a link when the address is known. Known or not, the answer is the same and equally fast,
   * so the work goes on after it, at a moment that tells nothing. Throws 429 when one network asked too often,
   * for this address or for any. What other networks ask never refuses the owner of an address; it only makes
   * further mails to it wait for one another.
   */
  async askForLink(request: LinkRequest): Promise<void> {
    const { log } = this.#context;
    const peer = networkOf(request.peer);
    const address = readMailAddress(request.email) ?? request.email;
    await countTry(this.#limits.peer, peer);
    await countTry(this.#limits.address, `${address} ${peer}`);
    const atOnce = await countMail(this.#limits.mails, address);
    logSecurity(log, "link_asked", { peer: request.peer });
    const timer = setTimeout(() => {
      this.#mailLink({ ...request, atOnce }).catch((error: unknown) =>
        log.error({ err: error }, "a sign-in link could not be mailed"),
      );
    }, Math.random() * longestDelayMs);
    timer.unref();
  }

  async #mailLink({ email, to, atOnce }: LinkRequest & { atOnce: boolean }) {
    const user = await findUser(this.#context.db, email);
    if (!user) return;
    const { name, locale, timeZone } = user;
    const ask = { name, locale, timeZone, to: user.email, page: to, atOnce };
    await queueSignIn(this.#context, ask);
  }

  /**
   * A link that works once, for ten minutes; of use "asked" in the browsers alone that asked for the address.
   * Throws 404 for an unknown address.
   */
  async createLink(email: string, to = "/", use: LinkUse = "any"): Promise<string> {
    const { config, db } = this.#context;
    const user = await findUser(db, email);
    if (!user) throw new RequestError(404, `Nobody here has the address ${email}`);
    // Not by better-auth's own endpoint, which refuses addresses that exist, such as a=b@example.com.
    const token = randomBytes(24).toString("base64url");
    const { internalAdapter } = await this.#better.$context;
    await internalAdapter.createVerificationValue({
      identifier: hashOf(token),
      value: JSON.stringify({ email: user.email }),
      expiresAt: new Date(Date.now() + linkSeconds * 1000),
    });
    const link = new URL("/sign-in/confirm", config.publicUrl);
    link.searchParams.set("token", token);
    link.searchParams.set("seal", sealOf(config.appSecrets, { token, use }));
    if (to !== "/") link.searchParams.set("to", to);
    return link.href;
  }

  /**
   * Consumes the token and gives who signed in with the `Set-Cookie` headers of the new session.
   * Throws 403 in a browser that did not ask for the address (the link stays usable in those that did), 410 when
   * the link was used or is too old, 429 when a peer tried too often.
   */
  async confirm(link: ConfirmedLink) {
    await countTry(this.#limits.confirm, networkOf(link.peer));
    const { log } = this.#context;
    const { peer } = link;
    if (!(await this.#mayUse(link))) {
      logSecurity(log, "link_refused", { peer, reason: "another browser, or a changed link" });
      throw new RequestError(403, "Open the link in the browser in which you asked for it.");
    }
    const answer = await this.#better.api.magicLinkVerify({
      query: { token: link.token },
      headers: new Headers(),
      asResponse: true,
    });
    if (!answer.ok) {
      logSecurity(log, "link_refused", { peer, reason: "used already, or too old" });
      const words = "This link was used already or is older than 10 minutes. Ask for a new one.";
      throw new RequestError(410, words);
    }
    const { user, token } = SignedIn.parse(await answer.json());
    logSecurity(log, "signed_in", { peer, user: user.id });
    await describeSession(this.#context.writer, token, link.userAgent ?? null);
    return { user, token, cookies: answer.headers.getSetCookie() };
  }

  /** Of a link that is used up or too old nobody can tell any more who asked: its own refusal follows. */
  async #mayUse({ token, seal, asked }: ConfirmedLink): Promise<boolean> {
    const { config, db } = this.#context;
    const use = useOf(config.appSecrets, { token, seal });
    if (use !== "asked") return use === "any";
    const link = await db
      .selectFrom("verification")
      .where("identifier", "=", hashOf(token))
      .select(["value", "createdAt"])
      .executeTakeFirst();
    if (!link) return true;
    const { email } = Linked.parse(JSON.parse(link.value));
    const madeAt = Math.floor(new Date(link.createdAt).getTime() / 1000);
    return hasAsked(config.appSecrets, asked, { email, madeAt });
  }

  /** Whose session the cookie is, read beside the write connection; null when signed out. */
  async session(headers: Headers): Promise<Session | null> {
    const { authCookies } = await this.#better.$context;
    const cookie = cookieOf(headers, authCookies.sessionToken.name);
    const token = cookie === null ? null : signedValue(cookie, this.#context.config.appSecrets);
    if (token === null) return null;
    const now = new Date();
    const session = await findSession(this.#context.db, token, sessionValidity(now));
    if (!session) return null;
    if (isStale(session, now)) await touchSession(this.#context.writer, token, now.toISOString());
    return session;
  }

  /** Ends the request's session; gives the `Set-Cookie` headers that clear it. */
  async signOut(headers: Headers): Promise<string[]> {
    const session = await this.session(headers);
    if (session) await this.end(session.token);
    const answer = await this.#better.api.signOut({ headers, asResponse: true });
    return answer.headers.getSetCookie();
  }

  /** Ends one session. */
  async end(token: string): Promise<void> {
    await this.#context.writer.deleteFrom("session").where("token", "=", token).execute();
  }
}

/** One for the process: it keeps the count of tries. */
export function createAuth(context: Context): Auth {
  return new Auth(context);
}

const Linked = z.object({ email: z.string() });
const SignedIn = z.object({
  token: z.string(),
  user: z.object({ id: z.string(), email: z.string() }),
});

function hashOf(token: string): string {
  return createHash("sha256").update(token).digest("base64url");
}

function createBetterAuth({ config, writer }: Context) {
  const text = { type: "string", required: false, input: false } as const;
  const [secret = ""] = config.appSecrets;
  const https = config.publicUrl.startsWith("https:");
  return betterAuth({
    baseURL: config.publicUrl,
    secret,
    database: isPostgres(writer)
      ? { db: writer.withPlugin(new AuthDates()), type: "postgres" }
      : { db: writer, type: "sqlite" },
    user: { additionalFields: { staffRole: text, locale: text, timeZone: text } },
    session: { expiresIn: sessionSeconds, disableSessionRefresh: true },
    advanced: {
      // Of this host alone: neither a neighbour nor a page without TLS can set it.
      cookiePrefix: https ? "__Host-portal" : "portal",
      useSecureCookies: false,
      defaultCookieAttributes: { httpOnly: true, sameSite: "lax", secure: https },
      // Its tables come with our migrations; its own look at them outlives a short command.
      database: { validateSchema: false },
    },
    logger: { level: "error" },
    plugins: [
      magicLink({
        expiresIn: linkSeconds,
        disableSignUp: true,
        storeToken: { type: "custom-hasher", hash: async (token) => hashOf(token) },
        sendMagicLink: () => {
          throw new Error("Links are made by createLink alone");
        },
      }),
    ],
  });
}
