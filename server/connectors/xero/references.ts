const creditNote = "credit-note:";

/** How a credit note is asked for: reading it leads to the invoices that it was applied to. */
export function creditNoteRef(creditNoteId: string): string {
  return creditNote + creditNoteId;
}

/** The credit note's id; undefined when it is an invoice that is asked for. */
export function creditNoteIdOf(externalId: string): string | undefined {
  return externalId.startsWith(creditNote) ? externalId.slice(creditNote.length) : undefined;
}
