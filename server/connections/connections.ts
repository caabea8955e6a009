import { isDeepStrictEqual } from "node:util";
import type { z } from "zod";
import type { Db } from "#db/connect.ts";
import { insertConnection, listConnections, updateConnection } from "#db/queries/connections.ts";
import type { ConnectionRow } from "#db/schema/connections.ts";
import {
  buildConnection,
  type Connection,
  describeConnection,
  stateOfRows,
} from "./build-connection.ts";
import {
  appFaults,
  type ConnectionInput,
  faultsOf,
  readConnectionInput,
  requireSystem,
} from "./connection-input.ts";
import { type LookUp, readConnectionsFile } from "./connections-file.ts";
import { addedDetails, type Change, connectionChanges } from "./connection-changes.ts";
import { nameOf, rowOf } from "./connection-row.ts";
import { Grants, type GrantedApp } from "./grants.ts";
import { type Granted, keepGrant } from "./keep-grant.ts";
import type { Context } from "#server/context.ts";
import type { LedgerEvent, Source } from "#domain/event.ts";
import { toInstant } from "#domain/time.ts";
import { RequestError } from "#server/errors.ts";
import { auditIn } from "#server/ledger/audit.ts";
import { requireSecretsAnew } from "./moved-address.ts";
import { openVault, sealed, type Vault } from "#server/vault.ts";
import type { BoundApp } from "#server/connectors/bind.ts";
import { openOutbound, type Outbound } from "#server/connectors/kit/http.ts";

export type { Connection };

/** What may be changed later; secrets that are not given stay as they are. */
export type ConnectionChange = Partial<
  Omit<z.input<typeof ConnectionInput>, "id" | "system" | "app" | "account">
>;

const fileSource: Source = { kind: "operator", name: "connections file" };

/** The connections, none before they were loaded, in memory for the hot path; every change is audited in its own transaction. */
export class Connections {
  readonly #context: Context;
  readonly #vault: Vault;
  readonly #outbound: Outbound;
  /** The tokens of connected organisations. */
  readonly grants: Grants;
  readonly #whenReloaded: (() => void)[] = [];
  #byId = new Map<string, Connection>();
  #loaded = "";

  constructor(context: Context) {
    const { config, clock } = context;
    this.#context = context;
    this.#vault = openVault(config.appSecrets, sealed.connections);
    const { outboundAllow: allow, rehearsal } = config;
    this.#outbound = openOutbound({ allow, clock, timeoutMs: 20_000, rehearsal });
    this.grants = new Grants(context, (app) => this.appOf(app));
  }

  get(id: string): Connection | undefined {
    return this.#byId.get(id);
  }

  list(): Connection[] {
    return [...this.#byId.values()];
  }

  /** The connection of one organisation, by its app and the vendor's id of it. */
  ofAccount(app: string, account: string): Connection | undefined {
    return this.list().find((one) => one.app === app && one.account === account);
  }

  /** What connecting organisations needs of an app's connection. Throws RequestError 404 when it is none. */
  appOf(id: string): GrantedApp & Pick<BoundApp, "organisations"> {
    const { connector, name } = this.#require(id);
    if (!connector.app) throw new RequestError(404, `${id} is no app`);
    const { oauth: client, organisations } = connector.app;
    return { name, client, organisations, http: this.#outbound.bind(name) };
  }

  /**
   * Reads every connection with its secrets opened. Throws when one cannot be opened, or is not what its
   * system asks for.
   */
  async load(): Promise<this> {
    await this.reload();
    return this;
  }

  /** Reads all of them again, e.g. after a command changed them in another process. */
  async reload(): Promise<void> {
    const rows = await listConnections(this.#context.writer);
    const settings = new Map(rows.map((row) => [row.id, row.settings]));
    const around = {
      vault: this.#vault,
      http: (name: string) => this.#outbound.bind(name),
      appSettings: (id: string): unknown => JSON.parse(settings.get(id) ?? "null"),
      tokens: this.grants,
    };
    const all = rows.map((row) => buildConnection(row, around));
    this.#byId = new Map(all.map((one) => [one.id, one]));
    this.#loaded = stateOfRows(rows);
    for (const listener of this.#whenReloaded) listener();
  }

  /** Reads them again where they are not what was read last, as after a command in another process. */
  async reloadChanged(): Promise<void> {
    if (stateOfRows(await listConnections(this.#context.db)) !== this.#loaded) await this.reload();
  }

  /** Calls the listener after each `reload` from now on. */
  whenReloaded(listener: () => void): void {
    this.#whenReloaded.push(listener);
  }

  /** Seals anew what an older APP_SECRET sealed. For the server's start alone, see `resealAll`. */
  async reseal(): Promise<void> {
    const { writer } = this.#context;
    for (const { id, secrets } of await listConnections(writer)) {
      if (this.#vault.isCurrent(secrets)) continue;
      const text = this.#vault.open(secrets, id);
      await updateConnection(writer, id, { secrets: this.#vault.seal(text, id) });
    }
    await this.grants.reseal();
  }

  /** Adds a connection. Throws RequestError: 409 when the id is taken, 422 naming each fault. */
  async add(given: z.input<typeof ConnectionInput>, source: Source): Promise<Connection> {
    const input = readConnectionInput(given);
    if (this.#byId.has(input.id)) throw new RequestError(409, `${input.id} exists already`);
    const [fault] = appFaults([input], this.list());
    if (fault !== undefined) throw new RequestError(422, fault, { fields: { app: fault } });
    await this.#write((trx) => this.#insert(trx, input, { source, fromFileAt: null }));
    return this.#require(input.id);
  }

  /**
   * Keeps what a vendor gave: each organisation that it reaches becomes a connection, or gets its new
   * tokens. Gives the connections' ids.
   */
  async keepGrant(granted: Granted): Promise<string[]> {
    const ids = await keepGrant(
      this.#context,
      {
        grants: this.grants,
        insert: (trx, input, source) =>
          this.#insert(trx, readConnectionInput(input), { source, fromFileAt: null }),
      },
      granted,
    );
    await this.reload();
    return ids;
  }

  /** Changes a connection. Throws RequestError: 404, 409 when the file defines it, 422 naming each fault. */
  async update(id: string, change: ConnectionChange, source: Source): Promise<Connection> {
    const known = describeConnection(await this.#ownRow(id), this.#vault);
    const secrets = { ...known.secrets, ...change.secrets };
    const input = readConnectionInput({ ...known, ...change, secrets });
    requireSecretsAnew(known, { settings: input.settings, secrets: change.secrets ?? {} });
    await this.#write((trx) => this.#change(trx, { before: known, input, source }));
    return this.#require(id);
  }

  /** Stops deliveries and write-backs until `resume`. Throws RequestError: 404, 409 when the file defines it. */
  async pause(id: string, source: Source): Promise<void> {
    await this.#ownRow(id);
    await this.#write((trx) => this.#pause(trx, id, { source, at: this.#now() }));
  }

  /** Lets a paused connection run again. Throws RequestError as `pause`. */
  async resume(id: string, source: Source): Promise<void> {
    await this.#ownRow(id);
    await this.#write((trx) => this.#pause(trx, id, { source, at: null }));
  }

  /** Asks the system something cheap; gives words for the administrator. Throws UpstreamError, or 404. */
  async test(id: string): Promise<string> {
    const { connector, name } = this.#require(id);
    return connector.test ? connector.test() : `${name} only sends: there is nothing to call`;
  }

  /**
   * Applies the JSON of CONNECTIONS_FILE: adds and changes what differs, pauses what is no longer in
   * it. `lookUp` gives the value of `env:NAME`. Throws one error naming all faults; then nothing was
   * applied.
   */
  async applyFile(text: string, lookUp: LookUp): Promise<void> {
    const check = (input: ConnectionInput) => faultsOf(input).map((fault) => fault.join(": "));
    const inputs = readConnectionsFile(text, lookUp, check);
    const all = await listConnections(this.#context.writer);
    const faults = appFaults(inputs, all);
    if (faults.length > 0) {
      throw new Error(`The connections file has faults:\n  ${faults.join("\n  ")}`);
    }
    const rows = new Map(all.map((row) => [row.id, row]));
    const at = this.#now();
    const origin = { source: fileSource, fromFileAt: at };
    const works: ((trx: Db) => Promise<LedgerEvent[]>)[] = [];
    for (const input of inputs) {
      const row = rows.get(input.id);
      rows.delete(input.id);
      if (!row) works.push((trx) => this.#insert(trx, input, origin));
      else if (this.#differs(row, input)) {
        const before = describeConnection(row, this.#vault);
        works.push((trx) => this.#change(trx, { before, input, ...origin }));
      }
    }
    for (const { id, from_file_at, paused_at } of rows.values()) {
      if (from_file_at === null || paused_at !== null) continue;
      works.push((trx) => this.#pause(trx, id, { source: fileSource, at }));
    }
    if (works.length === 0) return;
    await this.#write(async (trx) => {
      const events: LedgerEvent[] = [];
      for (const work of works) events.push(...(await work(trx)));
      return events;
    });
  }

  /** Closes what is open to the systems. */
  async close(): Promise<void> {
    await this.#outbound.close();
  }

  #differs(row: ConnectionRow, input: ConnectionInput): boolean {
    if (row.from_file_at === null || row.paused_at !== null) return true;
    const known = describeConnection(row, this.#vault);
    return !isDeepStrictEqual(known, { ...input, name: nameOf(input) });
  }

  async #insert(
    trx: Db,
    input: ConnectionInput,
    { source, fromFileAt }: { source: Source; fromFileAt: string | null },
  ): Promise<LedgerEvent[]> {
    const { id, system } = input;
    const { kind } = requireSystem(system);
    const created = { id, system, kind, created_at: this.#now(), from_file_at: fromFileAt };
    await insertConnection(trx, {
      ...created,
      ...rowOf(input, { vault: this.#vault, now: this.#now() }),
    });
    const details = addedDetails({ ...input, name: nameOf(input) });
    const note = { source, action: "connection_added", subject: id, details };
    return auditIn(trx, this.#context, note);
  }

  async #change(trx: Db, { before, input, source, fromFileAt }: Change): Promise<LedgerEvent[]> {
    const fromFile = fromFileAt === undefined ? {} : { from_file_at: fromFileAt, paused_at: null };
    const { id: subject, system } = input;
    await updateConnection(trx, subject, {
      ...rowOf(input, { vault: this.#vault, now: this.#now() }),
      system,
      ...fromFile,
    });
    const details = { system, ...connectionChanges(before, { ...input, name: nameOf(input) }) };
    return auditIn(trx, this.#context, { source, action: "connection_changed", subject, details });
  }

  async #pause(
    trx: Db,
    id: string,
    { source, at }: { source: Source; at: string | null },
  ): Promise<LedgerEvent[]> {
    await updateConnection(trx, id, { paused_at: at });
    const action = at === null ? "connection_resumed" : "connection_paused";
    return auditIn(trx, this.#context, { source, action, subject: id, details: {} });
  }

  async #write(work: (trx: Db) => Promise<LedgerEvent[]>): Promise<void> {
    const { writer, committed } = this.#context;
    committed.publish(await writer.transaction().execute(work));
    await this.reload();
  }

  async #ownRow(id: string): Promise<ConnectionRow> {
    const rows = await listConnections(this.#context.writer);
    const row = rows.find((one) => one.id === id);
    if (!row) throw new RequestError(404, `There is no connection ${id}`);
    if (row.from_file_at === null) return row;
    throw new RequestError(409, `${id} is defined by the connections file: change it there`);
  }

  #require(id: string): Connection {
    const connection = this.#byId.get(id);
    if (!connection) throw new RequestError(404, `There is no connection ${id}`);
    return connection;
  }

  #now(): string {
    return toInstant(this.#context.clock());
  }
}
