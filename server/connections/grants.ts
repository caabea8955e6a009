import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import {
  breakGrant,
  findGrant,
  leaseGrant,
  listGrants,
  releaseGrant,
  replaceTokens,
  resealTokens,
} from "#db/queries/grants.ts";
import type { OAuthGrantRow } from "#db/schema/connections.ts";
import type { Context } from "#server/context.ts";
import { plusMs, toInstant } from "#domain/time.ts";
import { UpstreamError } from "#server/errors.ts";
import { auditIn } from "#server/ledger/audit.ts";
import { enqueueMail } from "#server/ledger/enqueue.ts";
import { openVault, sealed } from "#server/vault.ts";
import type { ConnectorHttp, OAuthClient } from "#server/connectors/contract.ts";
import { GrantRefused, refreshTokens, type TokenSet } from "./oauth.ts";

/** The app that a grant was given to. */
export interface GrantedApp {
  name: string;
  client: OAuthClient;
  http: ConnectorHttp;
}

const Kept = z.object({ access: z.string(), refresh: z.string().nullable() });
type Kept = z.infer<typeof Kept>;

/** Renewed this long before it ends, so that no call starts with a token that ends under way. */
const aheadMs = 60_000;
/** Longer than a token call can take: whoever held it is gone then. */
const leaseMs = 60_000;
const lookAgainMs = 50;
const longestWaitMs = 50_000;

/**
 * The tokens of the organisations that were connected, sealed in the database. Vendors give a new
 * refresh token each time and end the old one, so that one process at a time renews a grant, and what
 * it got is durable before it is used; the others wait for it.
 */
export class Grants {
  readonly #context: Context;
  readonly #vault: ReturnType<typeof openVault>;
  readonly #appOf: (app: string) => GrantedApp;
  readonly #renewing = new Map<string, Promise<OAuthGrantRow>>();

  constructor(context: Context, appOf: (app: string) => GrantedApp) {
    this.#context = context;
    this.#vault = openVault(context.config.appSecrets, sealed.tokens);
    this.#appOf = appOf;
  }

  /** An access token with some time left. Throws UpstreamError when it cannot be renewed. */
  async token(id: string): Promise<string> {
    const grant = await this.#find(id);
    const soon = plusMs(toInstant(this.#context.clock()), aheadMs);
    if (grant.broken_at === null && grant.access_expires_at > soon) return this.#open(grant).access;
    return this.#open(await this.#renewed(grant)).access;
  }

  /** Another access token than the one the vendor refused. Throws as `token`. */
  async renew(id: string, refused: string): Promise<string> {
    const grant = await this.#find(id);
    const { access } = this.#open(grant);
    if (access !== refused && grant.broken_at === null) return access;
    return this.#open(await this.#renewed(grant)).access;
  }

  /** The tokens of a grant's row; those that take the place of `before` are sealed as these were. */
  seal(id: string, { access, refresh }: Kept, before?: Uint8Array): Buffer {
    return this.#vault.seal(JSON.stringify({ access, refresh }), id, before);
  }

  /** What ends the whole grant at the vendor. */
  revocable(grant: OAuthGrantRow): string {
    const { access, refresh } = this.#open(grant);
    return refresh ?? access;
  }

  /** Seals anew what an older APP_SECRET sealed. */
  async reseal(): Promise<void> {
    const { writer } = this.#context;
    for (const grant of await listGrants(writer)) {
      if (this.#vault.isCurrent(grant.tokens)) continue;
      await resealTokens(writer, grant, this.seal(grant.id, this.#open(grant)));
    }
  }

  async #find(id: string): Promise<OAuthGrantRow> {
    const grant = await findGrant(this.#context.db, id);
    if (grant) return grant;
    throw new UpstreamError("It was disconnected: connect it anew", { outcome: "not_sent" });
  }

  #open({ id, tokens }: OAuthGrantRow): Kept {
    return Kept.parse(JSON.parse(this.#vault.open(tokens, id)));
  }

  /** The grant with the set of tokens after this one, whoever gets it. */
  #renewed(grant: OAuthGrantRow): Promise<OAuthGrantRow> {
    const key = `${grant.id} ${grant.version}`;
    const known = this.#renewing.get(key);
    if (known) return known;
    const work = this.#renewOrWait(grant).finally(() => this.#renewing.delete(key));
    this.#renewing.set(key, work);
    return work;
  }

  async #renewOrWait(grant: OAuthGrantRow): Promise<OAuthGrantRow> {
    const { id, version } = grant;
    const { writer, clock } = this.#context;
    const started = performance.now();
    for (;;) {
      const now = toInstant(clock());
      if (await leaseGrant(writer, { id, version, now, until: plusMs(now, leaseMs) })) {
        return this.#replace(await this.#find(id));
      }
      const present = await this.#find(id);
      const { name } = this.#appOf(present.app);
      if (present.broken_at !== null) throw brokenError(name, present.fault);
      if (present.version > version) return present;
      if (performance.now() - started > longestWaitMs) {
        throw new UpstreamError(`${name}: its access token is being renewed`, {
          outcome: "not_sent",
        });
      }
      await pause(lookAgainMs);
    }
  }

  /** Asks the vendor, with the lease held. */
  async #replace(grant: OAuthGrantRow): Promise<OAuthGrantRow> {
    const { writer, clock } = this.#context;
    const { name, client, http } = this.#appOf(grant.app);
    try {
      const { refresh } = this.#open(grant);
      if (refresh === null) throw new GrantRefused("it gave no way to renew the access");
      const fresh = await refreshTokens(http, client, refresh);
      const row = this.#rowOf(grant, fresh, refresh);
      await replaceTokens(writer, grant, { ...row, refreshed_at: toInstant(clock()) });
      return await this.#find(grant.id);
    } catch (error) {
      if (error instanceof GrantRefused) {
        await this.#break(grant, error.message);
        throw brokenError(name, error.message, error);
      }
      await releaseGrant(writer, grant);
      throw notSent(error);
    }
  }

  /** A vendor that sends no new refresh token means the old one. */
  #rowOf(grant: OAuthGrantRow, fresh: TokenSet, before: string) {
    const kept = { access: fresh.access, refresh: fresh.refresh ?? before };
    return {
      tokens: this.seal(grant.id, kept, grant.tokens),
      access_expires_at: fresh.accessExpiresAt,
      refresh_expires_at: fresh.refreshExpiresAt ?? grant.refresh_expires_at,
    };
  }

  /** Written down, and finance is told, once. */
  async #break(grant: OAuthGrantRow, fault: string): Promise<void> {
    const { writer, clock, committed } = this.#context;
    const at = toInstant(clock());
    const events = await writer.transaction().execute(async (trx) => {
      if (!(await breakGrant(trx, grant, { at, fault }))) return [];
      const lost = await trx
        .selectFrom("connections")
        .select(["id", "name"])
        .where("grant_id", "=", grant.id)
        .execute();
      const written = await auditIn(trx, this.#context, {
        source: { kind: "portal" },
        action: "connection_lost",
        subject: grant.app,
        details: { name: lost.map(({ name }) => name).join(", "), fault },
      });
      for (const event of written) {
        await enqueueMail(trx, { event, template: "finance_connection_lost" }, at);
      }
      return written;
    });
    committed.publish(events);
  }
}

function brokenError(name: string, fault: string | null, cause?: unknown): UpstreamError {
  const words = `${name} must be connected anew: ${fault ?? "the vendor ended its access"}`;
  return new UpstreamError(words, { outcome: "not_sent", status: 401, cause });
}

/** Whatever became of the token call, the call that needed the token was not made. */
function notSent(error: unknown): unknown {
  if (!(error instanceof UpstreamError)) return error;
  const { message, retryAt, status } = error;
  return new UpstreamError(message, {
    ...{ cause: error, outcome: "not_sent" as const },
    ...(retryAt !== undefined && { retryAt }),
    ...(status !== undefined && { status }),
  });
}
