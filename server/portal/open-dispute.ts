import { z } from "zod";
import type { InvoicePage } from "#db/queries/invoice-page.ts";
import type { CustomerScope } from "#db/queries/scope.ts";
import { clip } from "#server/domain/text.ts";
import type { Context } from "#server/context.ts";
import type { Line } from "#server/domain/change.ts";
import { type DisputedLine, ReasonCode } from "#server/domain/dispute.ts";
import { readAmount } from "#server/domain/read-amount.ts";
import { RequestError } from "#server/errors.ts";
import { disputedOf, isLess, withPoint } from "./disputed-amount.ts";
import { ownInvoice, recordOf } from "./own-invoice.ts";

const one = z.string().transform((id) => (id === "" ? [] : [id]));

/** The form: each line's own value comes as `correct.<line id>`. */
export const DisputeForm = z
  .looseObject({
    reason: z.enum(ReasonCode.options, "Choose what is wrong"),
    part: z.enum(["whole", "amount", "lines"], "Choose how much of it"),
    amount: z.string().max(40).default(""),
    line: z.union([one, z.array(z.string().max(200)).max(1000)]).default([]),
    message: z.string().trim().min(1, "Say what is wrong").max(5000, "At most 5,000 characters"),
    customerReference: z.string().trim().max(100, "At most 100 characters").default(""),
  })
  .transform((form) => ({ ...form, correct: correctValues(form) }));
export type DisputeForm = z.infer<typeof DisputeForm>;

/**
 * Opens a dispute about the whole invoice, an amount of it or single lines; gives its number.
 * `locale` is the person's, for reading amounts. Throws 404 for another customer's invoice, 409 while the same part is disputed, 422 by field.
 */
export async function openDispute(
  context: Context,
  scope: CustomerScope,
  { invoiceId, locale, ...form }: DisputeForm & { invoiceId: string; locale: string },
): Promise<string> {
  const invoice = await ownInvoice(context, scope, invoiceId);
  const { events } = await recordOf(context, scope, [
    {
      kind: "open_dispute",
      invoiceId: invoice.row.id,
      reason: form.reason,
      ...disputedPart(invoice, form, locale),
      message: form.message,
      ...(form.customerReference !== "" && { customerReference: form.customerReference }),
    },
  ]);
  const opened = events.find((event) => event.type === "dispute.opened");
  if (opened?.type !== "dispute.opened") throw new Error("No dispute was opened");
  return opened.data.dispute.number;
}

function disputedPart({ row, view }: InvoicePage, form: DisputeForm, locale: string) {
  if (form.part === "whole") return { amount: null, lines: [] };
  if (form.part === "amount") {
    const amount = readAmount({ text: form.amount, currency: row.currency, locale }, "amount");
    if (amount <= 0) throw refused("amount", "Write an amount above zero");
    if (amount <= Math.abs(row.total)) return { amount, lines: [] };
    throw refused("amount", "This is more than the invoice's total");
  }
  const lines = form.line.map((id) => disputedLine(view.lines, id, form));
  const amount = lines.reduce((sum, line) => sum + (line.amount ?? 0), 0);
  if (lines.length === 0) throw refused("line", "Choose at least one line");
  if (amount === 0) throw refused("line", "These lines have no amount to dispute");
  return { amount, lines };
}

function disputedLine(lines: Line[], id: string, form: DisputeForm): DisputedLine {
  const line = lines.find((candidate) => candidate.id === id);
  if (!line) throw refused("line", "Choose among the lines of this invoice");
  const correctValue = form.correct[id] ?? "";
  const invoiced = form.reason === "quantity_incorrect" ? line.quantity : line.unitPrice;
  if (correctValue === "") return { lineId: id, amount: disputedOf(line, invoiced, undefined) };
  if (invoiced !== undefined && !isLess(correctValue, invoiced)) {
    throw refused(`correct.${id}`, `Write a number below the invoiced ${invoiced}, like 2.70`);
  }
  return { lineId: id, correctValue, amount: disputedOf(line, invoiced, correctValue) };
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
    values[name.slice("correct.".length)] = clip(withPoint(value), 60);
  }
  return values;
}
