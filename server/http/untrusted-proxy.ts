import { readUntrustedProxy, writeUntrustedProxy } from "#db/queries/untrusted-proxy.ts";
import type { Config } from "#server/config.ts";
import type { Context } from "#server/context.ts";
import { dayMs, toInstant } from "#domain/time.ts";
import { isTrusted, type Peer } from "./peer.ts";

const hint = "name it in TRUSTED_PROXIES, or all callers behind it count as one in every limit";

/**
 * Gives a function that is called with each peer and warns, once an hour, when X-Forwarded headers come from a
 * machine that TRUSTED_PROXIES does not name. The last one is kept for `doctor`.
 */
export function createProxyWatch(context: Context): (peer: Peer) => void {
  const { log, clock, config, writer } = context;
  if (config.publicUrl.startsWith("https:") && config.trustedProxies.length === 0) {
    log.warn(`PUBLIC_URL is https and TRUSTED_PROXIES is empty: behind a proxy, ${hint}`);
  }
  let warnedAt = 0;
  return ({ ignoredProxy }) => {
    const now = clock();
    if (ignoredProxy === null || now.getTime() - warnedAt < dayMs / 24) return;
    warnedAt = now.getTime();
    log.warn(
      { proxy: ignoredProxy },
      `forwarded headers are ignored: if it is your proxy, ${hint}`,
    );
    writeUntrustedProxy(writer, { address: ignoredProxy, seenAt: toInstant(now) }).catch(
      (error: unknown) => log.error({ err: error }, "an untrusted proxy could not be noted"),
    );
  };
}

/** For `doctor`: the machine whose forwarded headers were ignored in the last week, or null. */
export async function ignoredProxyOf(
  { db, clock }: Context,
  config: Config,
): Promise<string | null> {
  const seen = await readUntrustedProxy(db);
  if (!seen || clock().getTime() - Date.parse(seen.seenAt) > 7 * dayMs) return null;
  return isTrusted(config, seen.address) ? null : seen.address;
}

/** What to do about an ignored proxy, for people. */
export function adviceOn(proxy: string): string {
  return `forwarded headers of ${proxy} are ignored: if it is your proxy, ${hint}`;
}
