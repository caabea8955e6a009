import type { AppLoadContext } from "@remix-run/node";
import { z } from "zod";
import { claimsOf, findInvoice } from "#db/queries/invoice-page.ts";
import { headSequence } from "#db/queries/live.ts";
import type { CustomerScope } from "#db/queries/scope.ts";
import { DisputedLine, isOpen } from "#domain/dispute.ts";
import { linesAsked } from "#app/invoices/lines-asked.server.ts";
import { linesMark } from "#domain/lines-mark.ts";

/**
 * A customer's invoice as the form shows it that disputes it, and the open disputes about it: without
 * lines they are about all of it. Of the lines there are those that the address asks for. Null for another customer's.
 */
export async function loadDisputable(
  { db }: AppLoadContext,
  { scope, id, request }: { scope: CustomerScope; id: string; request: Request },
) {
  // Before the invoice: what happens between the two is then heard of again.
  const sequence = await headSequence(db);
  const invoice = await findInvoice(db, scope, id);
  if (!invoice) return null;
  const { row, view } = invoice;
  const { number, status, currency, total, paid, credited, due } = row;
  const { disputes } = await claimsOf(db, scope, row.id);
  const open = disputes
    .filter(({ state }) => isOpen(state))
    .map((dispute) => ({
      number: dispute.number,
      amount: dispute.amount,
      lines: linesOf(dispute).map(({ lineId }) => lineId),
    }));
  const taken = new Set(open.flatMap(({ lines }) => lines));
  const { shown, place } = linesAsked(request, view.lines);
  return {
    sequence,
    invoice: {
      ...{ id: row.id, number, status, currency, total, paid, credited, due },
      lines: shown,
      place,
      isAllTaken: view.lines.every((line) => taken.has(line.id)),
      linesMark: linesMark(view.lines),
    },
    open,
  };
}

function linesOf(dispute: { lines: string }): DisputedLine[] {
  return z.array(DisputedLine).parse(JSON.parse(dispute.lines));
}
