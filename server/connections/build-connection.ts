import type { ConnectionRow } from "#db/schema/connections.ts";
import { ConnectionInput, faultsOf, isApp, requireSystem } from "./connection-input.ts";
import type { ConnectorKind } from "#domain/change.ts";
import { UpstreamError } from "#server/errors.ts";
import type { Vault } from "#server/vault.ts";
import type { BoundConnector } from "#server/connectors/bind.ts";
import { watchClock } from "#server/connectors/kit/vendor-clock.ts";
import type { ConnectorHttp, Organisation } from "#server/connectors/contract.ts";

/** One configured instance of a system, ready to be used. */
export interface Connection {
  id: string;
  system: string;
  name: string;
  kind: ConnectorKind;
  connector: BoundConnector;
  settings: Readonly<Record<string, unknown>>;
  /** An instant; null while it runs. */
  pausedAt: string | null;
  /** Also told of disputes on invoices that another connection owns. */
  receivesDisputes: boolean;
  /** Defined by CONNECTIONS_FILE: read-only in the console. */
  isFromFile: boolean;
  /** Of an organisation: the connection of its vendor's app, and the vendor's id of it. */
  app: string | null;
  account: string | null;
  /** The grant whose tokens it calls with; null: not connected yet, or nothing to connect. */
  grant: string | null;
  /** From when its versions count anew, because finance said so; null: from the beginning. */
  versionsFrom: string | null;
  /** How far the system's clock was behind ours when it last answered, ms; at least 0. */
  behindMs: () => number;
}

/** What a connection is built from beside its row. */
export interface Surroundings {
  vault: Vault;
  http: (name: string) => ConnectorHttp;
  /** The settings of an app's connection. */
  appSettings: (id: string) => unknown;
  tokens: {
    token(grant: string): Promise<string>;
    renew(grant: string, refused: string): Promise<string>;
  };
}

/** The description that a row was written from, its secrets opened. */
export function describeConnection(row: ConnectionRow, vault: Vault): ConnectionInput {
  const { app, account } = row;
  return ConnectionInput.parse({
    id: row.id,
    system: row.system,
    name: row.name,
    settings: JSON.parse(row.settings),
    secrets: JSON.parse(vault.open(row.secrets, row.id)),
    receivesDisputes: row.receives_disputes_at !== null,
    ...(app !== null && { app }),
    ...(account !== null && { account }),
  });
}

/** All that connections are built from, as text, to see whether it was changed. */
export function stateOfRows(rows: readonly ConnectionRow[]): string {
  return JSON.stringify(
    rows.map((row) => [
      [row.id, row.system, row.name, row.settings, Buffer.from(row.secrets).toString("base64")],
      [row.paused_at, row.receives_disputes_at, row.app, row.account, row.grant_id],
    ]),
  );
}

/** Ties a row to its connector. Throws when it is not what its system asks for. */
export function buildConnection(row: ConnectionRow, around: Surroundings): Connection {
  const { id, system, name, app, account } = row;
  const input = describeConnection(row, around.vault);
  const [fault] = faultsOf(input);
  if (fault) throw new Error(`Connection ${id} cannot be used: ${fault.join(": ")}`);
  const listed = requireSystem(system);
  const { settings, secrets, receivesDisputes } = input;
  const { http, behindMs } = watchClock(around.http(name));
  const connector =
    isApp(listed, row) && listed.app
      ? listed.app.bind(settings, secrets, http)
      : listed.bind(settings, secrets, http, organisationOf(row, around));
  return {
    ...{ id, system, name, kind: listed.kind, connector, settings },
    pausedAt: row.paused_at,
    receivesDisputes,
    isFromFile: row.from_file_at !== null,
    versionsFrom: row.versions_from,
    ...{ app, account, grant: row.grant_id, behindMs },
  };
}

function organisationOf(
  { name, app, account, grant_id: grant }: ConnectionRow,
  { appSettings, tokens }: Surroundings,
): Organisation<unknown> | undefined {
  if (app === null || account === null) return undefined;
  const granted = (): string => {
    if (grant !== null) return grant;
    throw new UpstreamError(`${name} is not connected yet: connect it on the page of its app`, {
      outcome: "not_sent",
    });
  };
  return {
    account,
    app: appSettings(app),
    token: async () => tokens.token(granted()),
    renew: async (refused) => tokens.renew(granted(), refused),
  };
}
