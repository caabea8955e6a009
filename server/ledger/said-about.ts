import { createHash } from "node:crypto";
import type { DisputeRow } from "#db/schema/disputes.ts";
import type { Change } from "#domain/change.ts";
import type { InvoiceView } from "#domain/invoice.ts";
import { dayMs, type Instant, roughMs } from "#domain/time.ts";

/** What else a system says about an invoice: disputes, comments, promises, chargebacks. */
export type Said = Extract<Change, { kind: "dispute" | "comment" | "promise" | "chargeback" }>;

/** What it is said about, and by whom. */
export interface About {
  invoice: string;
  view: InvoiceView;
  connection: string;
  delivery: number | null;
  receivedAt: Instant;
  now: Instant;
  disputes: DisputeRow[];
}

/** `chain` is the record that an earlier dispute was opened under; else whose the invoice is now. */
export function at(about: About, occurredAt: string, chain = about.view.customerRecord) {
  return { invoice: about.invoice, audience: "customer" as const, chain, occurredAt };
}

/**
 * The same id for the same thing, so that telling it twice changes nothing. A system's own id counts for
 * one invoice only: some number disputes and comments from 1 on each.
 */
export function idOf(prefix: string, { connection, invoice }: About, said: string): string {
  return hashed(prefix, `${connection}\n${invoice}\n${said}`);
}

/**
 * Under which a thing may be known that a system tells with an id: as above, as it was made while a
 * system's ids counted for all invoices, and by our own id, which comes back with what we told.
 */
export function idsOf(prefix: string, about: About, externalId: string | undefined): string[] {
  if (externalId === undefined) return [];
  const former = hashed(prefix, `${about.connection}\n${externalId}`);
  return [idOf(prefix, about, externalId), former, externalId];
}

function hashed(prefix: string, text: string): string {
  return `${prefix}_${createHash("sha256").update(text).digest("hex").slice(0, 24)}`;
}

/** Words without an id that come again within this time are the same ones. */
const repeatedWithinMs = dayMs;

export function isRepeat(a: string, b: string): boolean {
  return Math.abs(roughMs(a) - roughMs(b)) <= repeatedWithinMs;
}
