import { useState } from "react";
import type { LiveMessage } from "#server/live/message.ts";

interface Sums {
  id: string;
  due: number;
  status: string;
  dispute: string;
}

/** What an invoice was when its page was opened, and since when it is not. */
export interface Was {
  due: number | null;
  at: string;
}

/**
 * What changed of an invoice since its page was opened; null while it is as it was. The page loads again
 * after each change, so that what it began with is kept here.
 */
export function useWas(invoice: Sums, heard: readonly LiveMessage[]): Was | null {
  const [first, setFirst] = useState(invoice);
  const [since, setSince] = useState<string | null>(null);
  if (first.id !== invoice.id) {
    setFirst(invoice);
    setSince(null);
  }
  const [told] = heard;
  if (since === null && told && told.invoice.id === invoice.id) setSince(told.at);
  const isSame =
    first.due === invoice.due &&
    first.status === invoice.status &&
    first.dispute === invoice.dispute;
  if (isSame || since === null || first.id !== invoice.id) return null;
  return { due: first.due === invoice.due ? null : first.due, at: since };
}
