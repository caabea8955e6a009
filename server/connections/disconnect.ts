import { deleteConnection } from "#db/queries/connections.ts";
import { deleteUnusedGrants } from "#db/queries/grants.ts";
import type { Source } from "#domain/event.ts";
import { RequestError, UpstreamError } from "#server/errors.ts";
import { audited } from "#server/audit/audited.ts";
import type { Portal } from "#server/portal-context.ts";
import { revokeToken } from "./oauth.ts";

/**
 * Forgets a connection with its settings and secrets; what it brought stays. A grant that nobody uses
 * any more is ended at the vendor too. Gives words on what could not be done there, or null. Throws
 * RequestError: 404, 409 when the file defines it or while an app has organisations.
 */
export async function removeConnection(
  portal: Portal,
  source: Source,
  id: string,
): Promise<string | null> {
  const { connections } = portal;
  const known = connections.get(id);
  if (!known) throw new RequestError(404, `There is no connection ${id}`);
  if (known.isFromFile) {
    throw new RequestError(409, `${id} is defined by the connections file: remove it there`);
  }
  if (connections.list().some(({ app }) => app === id)) {
    throw new RequestError(409, `${id} has organisations: remove them first`);
  }
  const { app } = known;
  const unused = await audited(portal, async (trx) => {
    await deleteConnection(trx, id);
    const details = { system: known.system };
    const note = { source, action: "connection_removed", subject: id, details };
    return { result: app === null ? [] : await deleteUnusedGrants(trx, app), note };
  });
  const faults: string[] = [];
  for (const grant of unused) {
    const { client, http, name } = connections.appOf(grant.app);
    try {
      await revokeToken(http, client, connections.grants.revocable(grant));
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error;
      portal.log.warn({ err: error, connection: id }, "a grant could not be ended at the vendor");
      faults.push(`${name} could not be told (${error.message}): end the access there by hand`);
    }
  }
  await connections.reload();
  return faults.length === 0 ? null : faults.join("; ");
}
