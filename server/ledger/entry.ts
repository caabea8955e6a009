import type { Change, ConnectorKind, InvoiceRef, PersonAction } from "#domain/change.ts";
import type { Draft, LedgerEvent, Source } from "#domain/event.ts";
import type { Instant } from "#domain/time.ts";

interface Common {
  source: Source;
  /** Imports, backfills, replays and the demo's history: no mail and no write-back. */
  quiet?: boolean;
}

/** What a system said, in one delivery: its changes about one invoice are derived together. */
export interface SystemEntry extends Common {
  kind: "system";
  /** `versionsFrom`: from when its versions count anew, because finance said so. */
  connection: { id: string; kind: ConnectorKind; versionsFrom?: Instant | null };
  changes: Change[];
  receivedAt: Instant;
  delivery?: number;
  /** The invoice that a person says is meant, whatever the changes call it. */
  invoice?: string;
  /** True once the system was asked: what is still unknown then waits in `unmatched`. */
  asked: boolean;
}

/** Who acts, as shown to others. */
export interface Person {
  id: string;
  name: string;
  side: "customer" | "supplier";
  /** The customer that a person of its acts for: what is another's does not exist for them. */
  customer?: string;
}

/** What a person did in the portal. Refused with RequestError (404, 409, 422) when it may not be. */
export interface PersonEntry extends Common {
  kind: "person";
  person: Person;
  actions: PersonAction[];
}

/** What the portal itself knows: mail results, receipts, links, kept promises. */
export interface PortalEntry extends Common {
  kind: "portal";
  drafts: Draft[];
}

export type Entry = SystemEntry | PersonEntry | PortalEntry;

export interface Recorded {
  events: LedgerEvent[];
  /** Invoices that must be read from the system first; nothing of this entry about them was written. */
  ask: InvoiceRef[];
}
