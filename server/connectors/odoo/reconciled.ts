import { z } from "zod";
import type { CalendarDate } from "#domain/time.ts";
import { UpstreamError } from "#server/errors.ts";
import { CalendarDay } from "#server/connectors/kit/dates.ts";
import { DecimalText, IdText } from "#server/connectors/kit/json.ts";
import type { OdooApi } from "./api.ts";
import { Link } from "./objects.ts";
import { moneyShares, type Share, whole } from "./write-offs.ts";

/** What was matched with an invoice in the journal; its amount is in the invoice's currency. */
export interface Match {
  invoice: string;
  /** money: a payment or a bank statement; credit: a credit note, of whichever invoice; else neither. */
  kind: "money" | "credit" | "entry";
  /** Of the payment, or of the entry that was matched. */
  id: string;
  /** The credit note's number, where it is one. */
  name: string | undefined;
  amount: string;
  /** Which part of the amount is money: a payment's entry may write off the rest. */
  share: Share;
  on: CalendarDate;
}

const LinkId = Link.transform(({ id }) => id);
const Nothing = z.literal(false).transform(() => null);
const Partials = z.array(
  z.object({
    debit_move_id: LinkId,
    credit_move_id: LinkId,
    debit_amount_currency: DecimalText,
    max_date: CalendarDay,
  }),
);
const Lines = z.array(
  z.object({
    id: IdText,
    move_id: LinkId,
    payment_id: z.union([Nothing, LinkId]),
    statement_line_id: z.union([Nothing, LinkId]),
  }),
);
const Entries = z.array(
  z.object({ id: IdText, move_type: z.string(), name: z.union([Nothing, z.string()]) }),
);

const atOnce = 1000;

/**
 * What settled the invoices: in Odoo a payment, a credit note of another invoice and a write-off lower
 * the residual alike. Null where the user may not read the journal, or there is too much of it: what
 * settled an invoice is then not said.
 */
export async function matchesOf(ids: number[], api: OdooApi): Promise<Match[] | null> {
  if (ids.length === 0) return [];
  try {
    return await readMatches(ids, api);
  } catch (error) {
    // The sums are right without it; asked too often, it is asked again with the rest.
    if (error instanceof UpstreamError && typeof error.retryAt !== "string") return null;
    throw error;
  }
}

async function readMatches(ids: number[], api: OdooApi): Promise<Match[] | null> {
  const partials = await api.ask(
    "account.partial.reconcile",
    "search_read",
    {
      domain: [["debit_move_id.move_id", "in", ids]],
      fields: ["debit_move_id", "credit_move_id", "debit_amount_currency", "max_date"],
      ...{ order: "id asc", limit: atOnce },
    },
    Partials,
  );
  if (partials.length === 0) return [];
  if (partials.length === atOnce) return null;
  const lineIds = partials.flatMap((one) => [one.debit_move_id, one.credit_move_id]);
  const lines = await linesOf(lineIds, api);
  const entryIds = [...new Set([...lines.values()].map(({ move_id }) => Number(move_id)))];
  const asked = { ids: entryIds, fields: ["move_type", "name"] };
  const found = await api.ask("account.move", "read", asked, Entries);
  const entries = new Map(found.map((entry) => [entry.id, entry]));
  const paying = [...lines.values()].filter(isMoney).map(({ move_id }) => Number(move_id));
  const shares = await moneyShares([...new Set(paying)], api);
  return partials.flatMap((partial): Match[] => {
    const invoice = lines.get(partial.debit_move_id)?.move_id;
    const line = lines.get(partial.credit_move_id);
    if (invoice === undefined || line === undefined) return [];
    const entry = entries.get(line.move_id);
    const isCredit = entry?.move_type === "out_refund";
    return [
      {
        invoice,
        kind: isCredit ? "credit" : isMoney(line) ? "money" : "entry",
        id: isCredit ? line.move_id : (line.payment_id ?? `entry-${line.move_id}`),
        name: entry?.name ?? undefined,
        amount: partial.debit_amount_currency,
        share: isCredit ? whole : (shares.get(line.move_id) ?? whole),
        on: partial.max_date,
      },
    ];
  });
}

/** A payment's own entry, or that of a line of a bank statement. */
function isMoney({ payment_id, statement_line_id }: z.infer<typeof Lines>[number]): boolean {
  return payment_id !== null || statement_line_id !== null;
}

async function linesOf(ids: string[], api: OdooApi) {
  const fields = ["move_id", "payment_id", "statement_line_id"];
  const asked = { ids: [...new Set(ids)].map(Number), fields };
  const found = await api.ask("account.move.line", "read", asked, Lines);
  return new Map(found.map((line) => [line.id, line]));
}
