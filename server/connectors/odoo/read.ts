import { z } from "zod";
import type { InvoiceRef } from "#domain/change.ts";
import type { Instant } from "#domain/time.ts";
import { UpstreamError } from "#server/errors.ts";
import type { ChangedPage, Parsed, Rejected } from "#server/connectors/contract.ts";
import { eachApart, joinParsed, textIn, unusable } from "#server/connectors/kit/apart.ts";
import { readValue } from "#server/connectors/kit/json.ts";
import type { OdooApi } from "./api.ts";
import { type Move, moveFields, MoveRow, ownFields, Reversing } from "./objects.ts";
import { matchesOf } from "./reconciled.ts";
import { isCreditNote, isInvoice, readChanges } from "./snapshot.ts";

export interface Reader {
  api: OdooApi;
  /** One of several companies of the database; undefined: all of them. */
  company: number | undefined;
  /** Whether our own fields were made there. */
  ownFields: boolean;
  /** Whether we block payment ourselves while an invoice is disputed. */
  blocksPayment: boolean;
}

const types = ["out_invoice", "out_refund", "out_receipt"];
const ofTypes = ["move_type", "in", types];
const Rows = z.array(z.unknown());

/**
 * The invoice with its credit notes as it is now; a credit note's id leads to the invoice that it
 * takes back. Null: not known there; nothing at all for what is neither, such as a supplier's bill.
 */
export async function fetchInvoice(
  { externalId, number }: InvoiceRef,
  reader: Reader,
): Promise<Parsed | null> {
  const move =
    externalId === undefined
      ? await moveByNumber(number ?? "", reader)
      : await moveById(externalId, reader);
  if (!move) return null;
  // There, but of another company: nothing of it is gone.
  if (!isOfCompany(move, reader)) return { changes: [] };
  return changesOf(await invoicesOf([move], reader), reader);
}

/** The id that Odoo has for an invoice. Throws UpstreamError when there is none. */
export async function idOf(
  { externalId, number }: { externalId: string | null; number: string },
  reader: Reader,
): Promise<number> {
  const id = externalId ?? (await moveByNumber(number, reader))?.id;
  if (id !== undefined && /^\d{1,15}$/.test(id)) return Number(id);
  const words = `${reader.api.http.name} has no invoice ${number}`;
  throw new UpstreamError(words, { outcome: "not_sent", retryAt: null });
}

const atOnce = 200;
/** A transaction's writes carry the time at which it began, and show only once it is done. */
const longestTransactionMs = 60_000;

/**
 * What was written since then, in the order of ids: a page can be cut between two of them, which
 * `write_date` does not allow, since the API hides its fractions. `cursor` is the last id.
 */
export async function changedSince(
  since: Instant,
  cursor: string | null,
  reader: Reader,
): Promise<ChangedPage> {
  const from = new Date(Date.parse(since) - longestTransactionMs).toISOString();
  const rows = await search(
    [
      ofTypes,
      ["write_date", ">=", from.slice(0, 19).replace("T", " ")],
      ...(cursor === null ? [] : [["id", ">", Number(cursor)]]),
    ],
    reader,
  );
  const last = rows.flatMap((row) => textIn(row, "id") ?? []).at(-1);
  const next = rows.length === atOnce ? (last ?? null) : null;
  const { moves, rejected } = readMoves(rows);
  const read = await changesOf(await invoicesOf(moves, reader), reader);
  return { ...joinParsed({ changes: [], rejected }, read), next };
}

/** Gives the invoices themselves, with those that a credit note among them takes back. */
async function invoicesOf(moves: Move[], reader: Reader): Promise<Move[]> {
  const known = new Set(moves.map(({ id }) => id));
  const reversed = moves.filter(isCreditNote).flatMap(({ reverses }) => reverses ?? []);
  const missing = new Set(reversed.filter((id) => !known.has(id)));
  const others = missing.size === 0 ? [] : readMoves(await rowsById([...missing], reader)).moves;
  return [...moves, ...others].filter((move) => isInvoice(move) && isOfCompany(move, reader));
}

/** The moves that can be read, and why the others cannot. */
function readMoves(rows: unknown[]): { moves: Move[]; rejected: Rejected[] } {
  const rejected: Rejected[] = [];
  const moves = rows.flatMap((row) => {
    try {
      return [readValue(MoveRow, row)];
    } catch (error) {
      rejected.push({ at: nameIn(row), reason: unusable(error) });
      return [];
    }
  });
  return { moves, rejected };
}

function nameIn(row: unknown): string {
  return `Invoice ${textIn(row, "name") ?? textIn(row, "id") ?? "without a name"}`;
}

async function changesOf(invoices: Move[], reader: Reader): Promise<Parsed> {
  if (invoices.length === 0) return { changes: [] };
  const ids = invoices.map(({ id }) => Number(id));
  const rows = await creditNotesOf(ids, reader);
  const settled = invoices.filter(({ total, residual }) => residual.amount < total.amount);
  const matched = await matchesOf(
    settled.map(({ id }) => Number(id)),
    reader.api,
  );
  const readAt = reader.api.http.now();
  const blockedByPeople = reader.ownFields && !reader.blocksPayment;
  return eachApart(
    invoices,
    ({ id, number }) => `Invoice ${number ?? id}`,
    (move) => {
      // A credit note that cannot be read would look as if it had been taken back.
      const creditNotes = rows
        .filter((row) => Reversing.safeParse(row).data?.reversed_entry_id === move.id)
        .map((row) => readValue(MoveRow, row));
      const matches = (matched ?? []).filter(({ invoice }) => invoice === move.id);
      return readChanges(move, { creditNotes, matches, readAt, blockedByPeople });
    },
  );
}

/** All of them, as they came: one that is missing would look as if it had been taken back. */
async function creditNotesOf(ids: number[], reader: Reader): Promise<unknown[]> {
  const notes: unknown[] = [];
  for (;;) {
    const found = await search(
      [
        ["move_type", "=", "out_refund"],
        ["reversed_entry_id", "in", ids],
        ["id", ">", Number(notes.flatMap((row) => textIn(row, "id") ?? []).at(-1) ?? 0)],
      ],
      reader,
    );
    notes.push(...found);
    if (found.length < atOnce) return notes;
  }
}

async function moveByNumber(number: string, reader: Reader): Promise<Move | undefined> {
  const found = await search([ofTypes, ["name", "=", number]], reader);
  // A number is unique within a company and journal only.
  return found.length === 1 ? readValue(MoveRow, found[0]) : undefined;
}

async function moveById(id: string, reader: Reader): Promise<Move | undefined> {
  const [row] = await rowsById([id], reader);
  return row === undefined ? undefined : readValue(MoveRow, row);
}

async function rowsById(ids: string[], reader: Reader): Promise<unknown[]> {
  const numbers = ids.filter((id) => /^\d{1,15}$/.test(id)).map(Number);
  if (numbers.length === 0) return [];
  const given = { ids: numbers, fields: fieldsOf(reader) };
  try {
    return await reader.api.ask("account.move", "read", given, Rows);
  } catch (error) {
    if (error instanceof UpstreamError && error.status === 404) return [];
    throw error;
  }
}

function isOfCompany({ company }: Move, reader: Reader): boolean {
  return reader.company === undefined || company === String(reader.company);
}

function search(domain: unknown[], reader: Reader): Promise<unknown[]> {
  const { company, api } = reader;
  const own = company === undefined ? [] : [["company_id", "=", company]];
  const asked = { domain: [...domain, ...own], fields: fieldsOf(reader) };
  return api.ask("account.move", "search_read", { ...asked, order: "id asc", limit: atOnce }, Rows);
}

function fieldsOf({ ownFields: exist }: Reader): string[] {
  return exist ? [...moveFields, ownFields.disputeState, ownFields.disputeNumber] : moveFields;
}
