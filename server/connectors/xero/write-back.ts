import { clip } from "#domain/text.ts";
import type { EventType } from "#domain/event.ts";
import type { WriteBackRequest } from "#domain/write-back.ts";
import { UpstreamError } from "#server/errors.ts";
import type { Receipt } from "#server/connectors/contract.ts";
import { noteFor } from "#server/connectors/kit/wording.ts";
import { type XeroApi, XeroRefusal } from "./api.ts";
import { XeroExpectedPayments, XeroHistory } from "./wire.ts";

/** What becomes a note in the invoice's history. */
export function isTold(event: EventType): boolean {
  return /^(?:dispute\.|comment\.added$|promise\.(?:made|withdrawn)$)/.test(event);
}

export interface Writer {
  api: XeroApi;
  /** How long one note may be; Xero does not say. */
  noteLength: number;
}

/**
 * Everything becomes a note. A promise sets the expected payment date before: a date is the whole
 * invoice's, so that only the note says how much was promised. Where Xero refuses the date, as on an
 * invoice that is paid in part, the note alone tells it, and the receipt says so.
 */
export async function writeRequest(request: WriteBackRequest, writer: Writer): Promise<Receipt> {
  const { promise } = request;
  if (!promise) return writeNotes(request, writer);
  const { isSet, refusal } = await setExpectedPayment(request, promise.promisedOn, writer.api);
  const receipt = await writeNotes(request, writer);
  if (refusal !== null) {
    return { ...receipt, answer: clip(`a note instead, since ${refusal}`, 300) };
  }
  const answer = `expected payment date ${promise.promisedOn}, and ${receipt.answer}`;
  return { ...receipt, readBack: isSet && receipt.readBack, answer };
}

/** After a lost answer: whether the history has all of the notes, which are written last. */
export async function findRequest(
  request: WriteBackRequest,
  writer: Writer,
): Promise<Receipt | null> {
  const { api } = writer;
  const path = pathOf(request, api);
  const history = await readHistory(path, api);
  const notes = notesFor(request, writer);
  const times = notes.map((note) => history.get(normal(note)));
  if (times.includes(undefined)) return null;
  const found = `found in the history of ${times[0]}${leftOut(request)}`;
  const answer = `${await dateWords(request, api)}${found}`;
  return { reference: null, readBack: true, answer };
}

/** What a second look says of the date of a promise. */
async function dateWords({ promise, ...request }: WriteBackRequest, api: XeroApi) {
  if (!promise) return "";
  const found = await api.find(pathOf(request, api), XeroExpectedPayments);
  const invoice = found?.Invoices[0];
  const isSet = invoice && expectedOn(invoice) === promise.promisedOn;
  return isSet ? `expected payment date ${promise.promisedOn}, and a note ` : "a note instead, ";
}

/** A date that Xero has may have been set by somebody else, and how to clear one is not documented. */
function leftOut({ withdrawnPromise }: Pick<WriteBackRequest, "withdrawnPromise">): string {
  return withdrawnPromise ? "; the expected payment date was not changed" : "";
}

/** Whether Xero's answer has the date, too, and in which words it took none. */
async function setExpectedPayment(
  request: WriteBackRequest,
  promisedOn: string,
  api: XeroApi,
): Promise<{ isSet: boolean; refusal: string | null }> {
  const InvoiceID = request.invoice.externalId;
  const body = { Invoices: [{ InvoiceID, ExpectedPaymentDate: promisedOn }] };
  const write = { method: "POST", body, key: request.key, schema: XeroExpectedPayments } as const;
  try {
    const { Invoices } = await api.write(pathOf(request, api), write);
    const [invoice] = Invoices;
    return { isSet: invoice !== undefined && expectedOn(invoice) === promisedOn, refusal: null };
  } catch (error) {
    if (error instanceof XeroRefusal) return { isSet: false, refusal: error.message };
    throw error;
  }
}

function expectedOn(invoice: (typeof XeroExpectedPayments)["_output"]["Invoices"][number]) {
  return invoice.ExpectedPaymentDateString ?? invoice.ExpectedPaymentDate?.slice(0, 10);
}

/**
 * Puts the notes into the history one after another. Notes cannot be removed, so of a text in several
 * parts only those are written that an earlier try did not leave there.
 */
async function writeNotes(request: WriteBackRequest, writer: Writer): Promise<Receipt> {
  const { api } = writer;
  const path = pathOf(request, api);
  const notes = notesFor(request, writer);
  const there = notes.length > 1 ? await readHistory(path, api) : new Map<string, string>();
  const times: (string | null)[] = [];
  for (const [at, note] of notes.entries()) {
    const known = there.get(normal(note));
    const key = keyOf(request, notes.length > 1 ? at + 1 : undefined);
    times.push(known ?? (await writeNote(path, { note, key }, api)));
  }
  const count = notes.length === 1 ? "a note" : `${notes.length} notes`;
  const answer = `${count} in the history of ${times[0] ?? "the invoice"}${leftOut(request)}`;
  // Notes have no ids of their own.
  return { reference: null, readBack: !times.includes(null), answer };
}

/** Xero answers a key that it knows as it did before, also when it refused the promise's date under it. */
function keyOf({ key, promise }: WriteBackRequest, part: number | undefined): string {
  return `${key}${promise ? "-note" : ""}${part === undefined ? "" : `-${part}`}`;
}

/** When Xero entered the note; null when its answer does not repeat it. */
async function writeNote(
  path: string,
  { note, key }: { note: string; key: string },
  api: XeroApi,
): Promise<string | null> {
  const body = { HistoryRecords: [{ Details: note }] };
  const schema = XeroHistory;
  const { HistoryRecords } = await api.write(`${path}/History`, {
    method: "PUT",
    body,
    key,
    schema,
  });
  const faults = HistoryRecords.flatMap(({ ValidationErrors }) => ValidationErrors ?? []);
  if (faults.length > 0) {
    const words = faults.map(({ Message }) => Message).join("; ");
    throw new UpstreamError(`${api.http.name} refused the note: ${words}`, { retryAt: null });
  }
  return timesOf(HistoryRecords).get(normal(note)) ?? null;
}

async function readHistory(path: string, api: XeroApi): Promise<Map<string, string>> {
  const found = await api.find(`${path}/History`, XeroHistory);
  return timesOf(found?.HistoryRecords ?? []);
}

type Records = (typeof XeroHistory)["_output"]["HistoryRecords"];

/** Each note's time by its words. */
function timesOf(records: Records): Map<string, string> {
  return new Map(
    records.map(({ Details, DateUTC }) => [normal(Details ?? ""), DateUTC ?? "the invoice"]),
  );
}

function normal(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

/** The words on one line, in parts of at most `noteLength`, each beginning with the marker. */
function notesFor(request: WriteBackRequest, { noteLength }: Writer): string[] {
  const { marker } = request;
  const lines = noteFor(request).split(/\n+/);
  const words = lines.map(normal).join(" · ");
  if (words.length <= noteLength) return [words];
  const said = words.slice(marker.length).trim();
  const parts = partsOf(said, noteLength - `${marker} (99/99) `.length);
  return parts.map((part, at) => `${marker} (${at + 1}/${parts.length}) ${part}`);
}

/** Broken between words, inside one only where it is longer than a part. */
function partsOf(text: string, length: number): string[] {
  const parts: string[] = [];
  let rest = text;
  while (rest.length > length) {
    const space = rest.lastIndexOf(" ", length);
    const whole = space > 0 ? space : length;
    const isHalf = /[\uD800-\uDBFF]/.test(rest.charAt(whole - 1));
    const at = isHalf ? whole - 1 : whole;
    parts.push(rest.slice(0, at));
    rest = rest.slice(at).trimStart();
  }
  return [...parts, rest];
}

function pathOf(request: WriteBackRequest, { http }: XeroApi): string {
  const { externalId, number } = request.invoice;
  if (externalId !== null) return `/Invoices/${encodeURIComponent(externalId)}`;
  throw new UpstreamError(`${http.name} has no invoice ${number}`, {
    outcome: "not_sent",
    retryAt: null,
  });
}
