import { z } from "zod";
import { claimsOf, type InvoicePage } from "#db/queries/invoice-page.ts";
import type { CustomerScope } from "#db/queries/scope.ts";
import { clip } from "#domain/text.ts";
import type { Context } from "#server/context.ts";
import type { Line, PersonAction } from "#domain/change.ts";
import { type DisputedLine, isOpen, ReasonCode } from "#domain/dispute.ts";
import { pickedLine } from "#domain/disputed-amount.ts";
import { readAmount } from "#domain/read-amount.ts";
import { plusMs, toInstant } from "#domain/time.ts";
import { RequestError } from "#server/errors.ts";
import { ownInvoice, recordOf } from "#server/customers/own-invoice.ts";
import { sameWithinMs } from "#domain/same-again.ts";

const mostDisputedLines = 300;
const one = z.string().transform((id) => (id === "" ? [] : [id]));

/** The form: each line's own value comes as `correct.<line id>`. */
export const DisputeForm = z
  .looseObject({
    reason: z.enum(ReasonCode.options, "Choose what is wrong"),
    part: z.enum(["whole", "amount", "lines"], "Choose how much of it"),
    amount: z.string().max(40, "Write one amount").default(""),
    line: z.union([one, z.array(z.string().max(200)).max(1000)]).default([]),
    message: z.string().trim().min(1, "Say what is wrong").max(5000, "At most 5,000 characters"),
    customerReference: z.string().trim().max(100, "At most 100 characters").default(""),
    /** What the form showed as the whole, minor units, and the mark of the lines that it showed. */
    shownWhole: z.coerce.number().int(),
    shownLines: z.string().max(64),
  })
  .transform((form) => ({ ...form, correct: correctValues(form) }));
export type DisputeForm = z.infer<typeof DisputeForm>;

type Opening = Extract<PersonAction, { kind: "open_dispute" }>;

/**
 * Opens a dispute about the whole invoice, an amount of it or single lines; gives its number, also when
 * the same form comes twice. `locale` is the person's, for reading amounts. Throws 404 for another
 * customer's invoice, 409 while the same part is disputed or when the invoice is no longer as the form
 * showed it, 422 by field.
 */
export async function openDispute(
  context: Context,
  scope: CustomerScope,
  { invoiceId, locale, ...form }: DisputeForm & { invoiceId: string; locale: string },
): Promise<string> {
  const invoice = await ownInvoice(context, scope, invoiceId);
  const action: Opening = {
    kind: "open_dispute",
    invoiceId: invoice.row.id,
    reason: form.reason,
    ...disputedPart(invoice, form, locale),
    message: form.message,
    shown: { whole: form.shownWhole, lines: form.shownLines },
    ...(form.customerReference !== "" && { customerReference: form.customerReference }),
  };
  const again = await openedJustNow(context, scope, action);
  if (again !== null) return again;
  const { events } = await recordOf(context, scope, [action]);
  const opened = events.find((event) => event.type === "dispute.opened");
  if (opened?.type !== "dispute.opened") throw new Error("No dispute was opened");
  return opened.data.dispute.number;
}

/** The number of the dispute that this person opened with the same words a moment ago, or null. */
async function openedJustNow(
  { db, clock }: Context,
  scope: CustomerScope,
  { invoiceId, reason, message, lines }: Opening,
): Promise<string | null> {
  const since = plusMs(toInstant(clock()), -sameWithinMs);
  const { disputes } = await claimsOf(db, scope, invoiceId);
  const same = disputes.find(
    (one) =>
      isOpen(one.state) &&
      one.opened_by === scope.userName &&
      one.opened_at > since &&
      one.reason === reason &&
      one.message === message &&
      one.lines === JSON.stringify(lines),
  );
  return same?.number ?? null;
}

function disputedPart({ row, view }: InvoicePage, form: DisputeForm, locale: string) {
  if (form.part === "whole") return { amount: null, lines: [] };
  if (form.part === "amount") {
    const amount = readAmount({ text: form.amount, currency: row.currency, locale }, "amount");
    if (amount <= 0) throw refused("amount", "Write an amount above zero");
    if (amount <= Math.abs(row.total)) return { amount, lines: [] };
    throw refused("amount", "This is more than the invoice's total");
  }
  const lines = [...new Set(form.line)].map((id) => disputedLine(view.lines, { id, form, locale }));
  const amount = lines.reduce((sum, line) => sum + (line.amount ?? 0), 0);
  if (lines.length === 0) throw refused("line", "Choose at least one line");
  if (lines.length > mostDisputedLines) {
    const words = `At most ${mostDisputedLines} lines are disputed at a time: dispute an amount of the invoice`;
    throw refused("line", words);
  }
  if (amount === 0) throw refused("line", "These lines have no amount to dispute");
  return { amount, lines };
}

function disputedLine(
  lines: Line[],
  { id, form, locale }: { id: string; form: DisputeForm; locale: string },
): DisputedLine {
  const line = lines.find((candidate) => candidate.id === id);
  if (!line) throw refused("line", "Choose among the lines of this invoice");
  const picked = pickedLine(line, { reason: form.reason, text: form.correct[id] ?? "", locale });
  if ("refusal" in picked) throw refused(`correct.${id}`, picked.refusal);
  return { lineId: id, ...picked };
}

function refused(field: string, message: string): RequestError {
  return new RequestError(422, "Something has to be corrected before this can be sent.", {
    fields: { [field]: message },
  });
}

function correctValues(form: Record<string, unknown>): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(form)) {
    if (!name.startsWith("correct.") || typeof value !== "string") continue;
    values[name.slice("correct.".length)] = clip(value, 60);
  }
  return values;
}
