import { useEffect, useRef, useState } from "react";
import { moneyText } from "#app/ui/money.tsx";
import { useReader } from "#app/ui/reader.ts";
import { invoiceDisputeWords, statusWord, wordsOverNothing } from "#app/words/words.ts";
import { usePaced } from "./paced.ts";
import type { LiveMessage, LiveRow } from "#server/live/message.ts";

type Known = Pick<LiveRow, "id" | "status" | "dispute" | "due" | "total" | "paid" | "dueOn">;

/** What a row was until when, for its second line; each only where it changed. */
export interface Change {
  /** The first change since the page was loaded. */
  at: string;
  /** The last one's number in the ledger. */
  last: number;
  status: LiveRow["status"] | null;
  /** What was paid of it then: a status is worded by it. */
  paid: number;
  dispute: LiveRow["dispute"] | null;
  due: number | null;
}

export type LiveListRow<Row> = Row & { change: Change | null };

/**
 * The rows with what was heard since they were loaded, in their places. Several changes of one row
 * keep the oldest "was"; a row that is what it was again is not changed.
 */
export function liveRows<Row extends Known>(
  rows: readonly Row[],
  heard: readonly LiveMessage[],
): { rows: LiveListRow<Row>[]; changed: number; added: number } {
  const latest = new Map(heard.map((message) => [message.invoice.id, message]));
  const firstAt = new Map(heard.toReversed().map(({ invoice, at }) => [invoice.id, at]));
  const patched = rows.map((row) => {
    const message = latest.get(row.id);
    if (!message) return { ...row, change: null };
    const { invoice: now, sequence: last } = message;
    const told = changeOf(row, now, firstAt.get(row.id) ?? now.updatedAt);
    const change = told && { ...told, last };
    const { status, dispute, due, total, dueOn, paid, credited } = now;
    return { ...row, status, dispute, due, total, dueOn, paid, credited, change };
  });
  const known = new Set(rows.map(({ id }) => id));
  const issued = heard.filter(
    ({ type, invoice }) => type === "invoice.issued" && !known.has(invoice.id),
  );
  return {
    rows: patched,
    changed: patched.filter(({ change }) => change !== null).length,
    added: new Set(issued.map(({ invoice }) => invoice.id)).size,
  };
}

function changeOf(was: Known, now: LiveRow, at: string): Omit<Change, "last"> | null {
  const status = was.status === now.status ? null : was.status;
  const dispute = was.dispute === now.dispute ? null : was.dispute;
  const due = was.due === now.due ? null : was.due;
  const other = was.total !== now.total || was.dueOn !== now.dueOn;
  if (status === null && dispute === null && due === null && !other) return null;
  return { at, status, paid: was.paid, dispute, due };
}

const pauseMs = 5000;

/** One polite sentence for screen readers, at most every 5 seconds; several invoices as a count. */
export function useAnnouncement(heard: readonly LiveMessage[]): string {
  const { locale } = useReader();
  const [text, setText] = useState("");
  const told = useRef(heard.length);
  const paced = usePaced(pauseMs);
  useEffect(() => {
    if (heard.length < told.current) told.current = 0;
    if (heard.length === told.current) return;
    return paced(() => {
      setText(sentence(heard.slice(told.current), locale));
      told.current = heard.length;
    });
  }, [heard, locale, paced]);
  return text;
}

function sentence(fresh: readonly LiveMessage[], locale: string): string {
  const invoices = new Map(fresh.map(({ invoice }) => [invoice.id, invoice]));
  const [only] = invoices.values();
  if (only && invoices.size === 1 && fresh.every(({ type }) => type === "comment.added")) {
    return `${only.number}: new message`;
  }
  if (!only || invoices.size > 1) return `${invoices.size} invoices changed`;
  const dispute = only.dispute === "none" ? "" : `, ${invoiceDisputeWords[only.dispute]}`;
  const due = moneyText({ amount: only.due, currency: only.currency }, locale);
  return `${only.number}: ${wordsOverNothing(only) ?? statusWord(only)}${dispute}, still due ${due}`;
}
