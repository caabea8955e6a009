import type { z } from "zod";
import type { Db } from "#db/connect.ts";
import { listConnections, updateConnection } from "#db/queries/connections.ts";
import { deleteUnusedGrants, insertGrant } from "#db/queries/grants.ts";
import { wakeWaiting } from "#db/queries/waiting-work.ts";
import { clip } from "#domain/text.ts";
import type { ConnectionInput } from "./connection-input.ts";
import type { Context } from "#server/context.ts";
import type { LedgerEvent, Source } from "#domain/event.ts";
import { newId } from "#domain/id.ts";
import { toInstant } from "#domain/time.ts";
import { auditIn } from "#server/ledger/audit.ts";
import type { FoundOrganisation } from "#server/connectors/contract.ts";
import type { Grants } from "./grants.ts";
import type { TokenSet } from "./oauth.ts";

/** What a vendor gave and whom it reaches. */
export interface Granted {
  app: string;
  tokens: TokenSet;
  found: FoundOrganisation[];
  /** The user who allowed it. */
  userId: string;
  source: Source;
}

interface Keeping {
  grants: Grants;
  /** Writes a new connection and its audit. */
  insert(trx: Db, input: z.input<typeof ConnectionInput>, source: Source): Promise<LedgerEvent[]>;
}

/**
 * Writes a grant and makes a connection of each organisation that it reaches, or gives it to the
 * connection there is, all in one transaction. Gives the connections' ids.
 */
export async function keepGrant(
  context: Context,
  { grants, insert }: Keeping,
  { app, tokens, found, userId, source }: Granted,
): Promise<string[]> {
  const { writer, committed, clock } = context;
  const now = toInstant(clock());
  const id = newId("grant");
  const { events, ids } = await writer.transaction().execute(async (trx) => {
    await insertGrant(trx, {
      ...{ id, app, version: 1, granted_by: userId, granted_at: now, refreshed_at: now },
      tokens: grants.seal(id, tokens),
      access_expires_at: tokens.accessExpiresAt,
      refresh_expires_at: tokens.refreshExpiresAt,
    });
    const rows = await listConnections(trx);
    const system = rows.find((row) => row.id === app)?.system ?? "";
    const ids: string[] = [];
    const events: LedgerEvent[] = [];
    for (const { account, name } of found) {
      const known = rows.find((row) => row.app === app && row.account === account);
      const taken = new Set([...rows.map((row) => row.id), ...ids]);
      const connection = known?.id ?? freeId(app, name, taken);
      ids.push(connection);
      if (!known) {
        const input = { id: connection, system, name: clip(name, 100), app, account };
        events.push(...(await insert(trx, input, source)));
      }
      await updateConnection(trx, connection, { grant_id: id });
      const details = { app, name, grant: id };
      const note = { source, action: "connection_connected", subject: connection, details };
      events.push(...(await auditIn(trx, context, note)));
    }
    // What they used before is not revoked: some vendors would end the new grant with it.
    await deleteUnusedGrants(trx, app);
    await wakeWaiting(trx, { app, organisations: ids, now });
    return { events, ids };
  });
  committed.publish(events);
  return ids;
}

/** `xero-northwind-ltd`: what people can read and an address can carry. */
function freeId(app: string, name: string, taken: ReadonlySet<string>): string {
  const letters = name.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase();
  const plain = letters.replaceAll(/[^a-z0-9]+/g, "-");
  const base = `${app}-${plain}`.slice(0, 46).replace(/-+$/, "");
  for (let count = 2, id = base; ; id = `${base}-${count++}`) if (!taken.has(id)) return id;
}
