import type { Generated, Selectable } from "kysely";

export interface ConnectionTable {
  id: string;
  system: string;
  name: string;
  kind: string;
  settings: string;
  /** AES-256-GCM under APP_SECRET. */
  secrets: Uint8Array;
  created_at: string;
  paused_at: string | null;
  /** Set when CONNECTIONS_FILE defines it: read-only in the console. */
  from_file_at: string | null;
  /** "also receives disputes" though it does not own the invoice. */
  receives_disputes_at: string | null;
  last_delivery_at: string | null;
  delivered: Generated<number>;
  refused: Generated<number>;
  pinged: Generated<number>;
  /** The connection of the vendor's app that receives for this organisation; null for ordinary ones. */
  app: string | null;
  /** The vendor's id of this organisation; set together with `app`. */
  account: string | null;
  /** From when its versions count anew, because finance said so. */
  versions_from: Generated<string | null>;
  /** The grant whose tokens it calls with; null: not connected yet. */
  grant_id: string | null;
  /** Of a vendor's app that numbers what it sends: the highest number that came. */
  last_sequence: number | null;
}

/** What somebody at an organisation allowed a vendor's app: its tokens, one set at a time. */
export interface OAuthGrantTable {
  id: string;
  /** The app's connection. */
  app: string;
  /** JSON { access, refresh }, AES-256-GCM under APP_SECRET. */
  tokens: Uint8Array;
  /** Counts the sets of tokens: whoever refreshes replaces the set that it read. */
  version: number;
  access_expires_at: string;
  /** null: the vendor does not say. */
  refresh_expires_at: string | null;
  /** While somebody refreshes; the others wait for the next version. */
  refreshing_until: string | null;
  /** Who connected it. */
  granted_by: string;
  granted_at: string;
  refreshed_at: string;
  /** Since when it needs reconnecting, and why in plain words. */
  broken_at: string | null;
  fault: string | null;
}

/** A person on the way to a vendor's consent page and back. */
export interface ConnectRequestTable {
  /** Hex SHA-256 of the state. */
  state: string;
  app: string;
  /** Hex SHA-256 of the session's token: nobody else comes back with it. */
  session: string;
  /** PKCE verifier, sealed. */
  verifier: Uint8Array;
  expires_at: string;
}

/** How far a connection was read, kept with what was recorded of it. */
export interface ReconcileCursorTable {
  connection_id: string;
  /** What changed at or after it is still to be read. */
  since: string;
  /** The page within the run that is under way; null: its first. */
  cursor: string | null;
  /** The run that is under way; null between runs. */
  run_id: string | null;
  /** Complete runs: the first is quiet. */
  passes: number;
  /** When to read next. */
  due_at: string;
  /** While a process reads; it comes free by itself. */
  leased_until: string | null;
}

export interface ReconcileRunTable {
  id: string;
  connection_id: string;
  since: string;
  began_at: string;
  ended_at: string | null;
  /** When it last stopped half-way, and why; it goes on from there. */
  failed_at: string | null;
  error: string | null;
  /** Invoices that the system told of. */
  read: number;
  /** Invoices that the ledger did not have so. */
  differed: number;
  /** Elements that could not be used and were passed over. */
  rejected: number;
}

export type ConnectionRow = Selectable<ConnectionTable>;
export type OAuthGrantRow = Selectable<OAuthGrantTable>;
export type ReconcileCursorRow = Selectable<ReconcileCursorTable>;
export type ReconcileRunRow = Selectable<ReconcileRunTable>;
