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

/** Header text has no line breaks and no control characters, whatever an invoice number holds. */
export function oneLine(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, " ").trim();
}
