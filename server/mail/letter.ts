import { oneLine } from "#domain/text.ts";
import type { Supplier } from "#db/queries/settings.ts";
import type { MailContent } from "./content.ts";
import type { Reader } from "./reader.ts";

/** A mail before it is written as HTML and as text: its content and all that stands around it. */
export interface Letter {
  reader: Reader;
  supplier: Supplier;
  /** The address of the recipient's pages: the portal's, with the company for a customer's person. */
  publicUrl: string;
  subject: string;
  content: MailContent;
  /** "Event 18,241, fingerprint", its hash, and the page that says whether the mail is true. */
  event: { label: string; fingerprint: string; path: string } | null;
  /** Why this person gets it. */
  why: string;
  /** Stops this kind of mail; null for mail that cannot be stopped. */
  stopUrl: string | null;
  /** A text file that goes with it. */
  attachment?: { name: string; text: string };
}

/**
 * Header text: one line without controls, whatever an invoice number holds. What looks like an encoded word
 * (RFC 2047) stays what it is: with a word joiner in it no mail program decodes it.
 */
export function headerText(text: string): string {
  return oneLine(text).replaceAll("=?", "=\u2060?");
}
