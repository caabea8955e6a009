import { takeConnectRequest } from "#db/queries/connect-requests.ts";
import { deleteUnusedGrants, insertGrant } from "#db/queries/grants.ts";
import { listConnections, updateConnection } from "#db/queries/connections.ts";
import { newId } from "#server/domain/id.ts";
import { toInstant } from "#server/domain/time.ts";
import type { Source } from "#server/domain/event.ts";
import { RequestError } from "#server/errors.ts";
import { auditIn } from "#server/ledger/audit.ts";
import type { Portal } from "#server/portal-context.ts";
import type { FoundOrganisation } from "#server/webhooks/connectors/connector.ts";
import { hashOf, redirectUri, verifierVault } from "./begin.ts";
import { exchangeCode, type TokenSet } from "./oauth.ts";

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
  const organisations = await keep(portal, { ...cameBack, app, tokens, found });
  return { app, organisations };
}

interface Granted extends CameBack {
  app: string;
  tokens: TokenSet;
  found: FoundOrganisation[];
}

/** Writes the grant and its connections in one transaction. Gives the connections' ids. */
async function keep(portal: Portal, granted: Granted): Promise<string[]> {
  const { app, tokens, found, userId, source } = granted;
  const { connections, writer, committed } = portal;
  const now = toInstant(portal.clock());
  const id = newId("grant");
  const { events, ids } = await writer.transaction().execute(async (trx) => {
    await insertGrant(trx, {
      ...{ id, app, version: 1, granted_by: userId, granted_at: now, refreshed_at: now },
      tokens: connections.grants.seal(id, tokens),
      access_expires_at: tokens.accessExpiresAt,
      refresh_expires_at: tokens.refreshExpiresAt,
    });
    const rows = await listConnections(trx);
    const system = rows.find((row) => row.id === app)?.system ?? "";
    const taken = new Set(rows.map((row) => row.id));
    const ids: string[] = [];
    const events = [];
    for (const { account, name } of found) {
      const known = rows.find((row) => row.app === app && row.account === account);
      const connection = known?.id ?? freeId(app, name, taken);
      taken.add(connection);
      ids.push(connection);
      if (!known) {
        const input = { id: connection, system, name: name.slice(0, 100), app, account };
        events.push(...(await connections.addIn(trx, input, source)));
      }
      await updateConnection(trx, connection, { grant_id: id });
      const details = { app, name, grant: id };
      const note = { source, action: "connection_connected", subject: connection, details };
      events.push(...(await auditIn(trx, portal, note)));
    }
    // What they used before is not revoked: some vendors would end the new grant with it.
    await deleteUnusedGrants(trx, app);
    return { events, ids };
  });
  committed.publish(events);
  await connections.reload();
  return ids;
}

/** `xero-northwind-ltd`: what people can read and an address can carry. */
function freeId(app: string, name: string, taken: ReadonlySet<string>): string {
  const letters = name.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase();
  const plain = letters.replaceAll(/[^a-z0-9]+/g, "-");
  const base = `${app}-${plain}`.slice(0, 46).replace(/-+$/, "");
  for (let count = 2, id = base; ; id = `${base}-${count++}`) if (!taken.has(id)) return id;
}
