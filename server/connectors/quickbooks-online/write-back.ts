import { z } from "zod";
import type { EventType } from "#domain/event.ts";
import type { WriteBackRequest } from "#domain/write-back.ts";
import { UpstreamError } from "#server/errors.ts";
import type { Receipt } from "#server/connectors/contract.ts";
import { clip } from "#domain/text.ts";
import { noteWithin } from "#server/connectors/kit/wording.ts";
import { isStale, type QuickBooksApi } from "./api.ts";
import { QboAttachable, QboInvoice, QueryAnswer } from "./objects.ts";
import { showingOf, stateOf, type StateSettings } from "./state.ts";

export interface Writer {
  api: QuickBooksApi;
  state: StateSettings;
}

/** QuickBooks has neither disputes nor comments; each of these becomes a note on the invoice. */
export function isTold(event: EventType): boolean {
  return /^(?:dispute\.|comment\.added$|promise\.(?:made|withdrawn)$)/.test(event);
}

const longestNote = 2000;
/** Tries against others who change the invoice at the same time; later ones wait for the outbox. */
const mostTries = 4;

const OneInvoice = z.object({ Invoice: QboInvoice });
const OneNote = z.object({ Attachable: QboAttachable });

/**
 * Shows the state on the invoice, then adds the note. In this order a note that is there says that
 * all was tried, and showing a state twice changes nothing. Where the invoice may not be changed, e.g.
 * in closed books, or has no place for the state, the note alone tells it, and the receipt says so.
 */
export async function tellInvoice(request: WriteBackRequest, writer: Writer): Promise<Receipt> {
  const { api } = writer;
  const id = idOf(request, api);
  const refused = await showState(id, request, writer);
  const body = {
    Note: noteOf(request).text,
    AttachableRef: [{ EntityRef: { type: "Invoice", value: id }, IncludeOnSend: false }],
  };
  const asked = { requestId: `${request.key}-note`, schema: OneNote };
  const { Attachable } = await api.post("/attachable", body, asked);
  const done = `Note ${Attachable.Id} was added`;
  const seen = await look(id, request, writer);
  return receiptOf(request, { note: Attachable.Id, done, readBack: seen.isAll, left: refused });
}

/** After a lost answer: the receipt if the note with this request's marker is on the invoice. */
export async function findNote(request: WriteBackRequest, writer: Writer): Promise<Receipt | null> {
  const id = idOf(request, writer.api);
  const note = await noteWith(request, id, writer.api);
  if (!note) return null;
  const { isAll, left } = await look(id, request, writer);
  return receiptOf(request, {
    note: note.Id,
    done: `Note ${note.Id} was found`,
    readBack: isAll,
    left,
  });
}

interface Written {
  note: string;
  done: string;
  readBack: boolean;
  /** Why the invoice does not show the state; null: it does, or there is none. */
  left: string | null;
}

function receiptOf(request: WriteBackRequest, { note, done, readBack, left }: Written): Receipt {
  const short = noteOf(request).isShortened ? `, shortened to ${longestNote} characters` : "";
  const said = left === null ? "" : `; the invoice itself was not changed: ${left}`;
  const answer = clip(`${done}${short}${said}`, 300);
  return { reference: note, readBack: readBack && left === null, answer };
}

/** Gives why it may not be changed or has no place; throws what is worth another try. */
async function showState(id: string, request: WriteBackRequest, { api, state }: Writer) {
  const wanted = stateOf(request);
  if (wanted === null) return null;
  for (let tries = 1; ; tries += 1) {
    const invoice = await readInvoice(id, api);
    const showing = showingOf(invoice, wanted, state);
    if (showing === "shown") return null;
    if ("noPlace" in showing) return showing.noPlace;
    const { Id, SyncToken } = invoice;
    // The first answer to a requestid is its last one, so that each version has one of its own.
    const asked = { requestId: `${request.key}-${SyncToken}`, schema: OneInvoice };
    try {
      await api.post("/invoice", { Id, SyncToken, sparse: true, ...showing.update }, asked);
      return null;
    } catch (error) {
      if (isStale(error) && tries < mostTries) continue;
      if (isRefusal(error)) return error.message;
      throw error;
    }
  }
}

/** A rule of the books: trying again gives the same answer. */
function isRefusal(error: unknown): error is UpstreamError {
  return error instanceof UpstreamError && error.status === 400 && error.retryAt === null;
}

/**
 * The second look: whether note and state are there as they were written, and why the state is not. What
 * was written stays written, so a failure only leaves it unseen.
 */
async function look(id: string, request: WriteBackRequest, { api, state }: Writer) {
  const unseen = { isAll: false, left: null };
  try {
    const note = await noteWith(request, id, api);
    if (note?.Note !== noteOf(request).text) return unseen;
    const wanted = stateOf(request);
    if (wanted === null) return { isAll: true, left: null };
    const showing = showingOf(await readInvoice(id, api), wanted, state);
    if (showing === "shown") return { isAll: true, left: null };
    const left = "noPlace" in showing ? showing.noPlace : "it does not show the state";
    return { isAll: false, left };
  } catch (error) {
    if (error instanceof UpstreamError) return unseen;
    throw error;
  }
}

async function readInvoice(id: string, api: QuickBooksApi): Promise<QboInvoice> {
  return (await api.get(`/invoice/${encodeURIComponent(id)}`, {}, OneInvoice)).Invoice;
}

/** Null, too, where the question is refused: then the requestid keeps a second note away. */
async function noteWith({ marker }: WriteBackRequest, id: string, api: QuickBooksApi) {
  const statement =
    "select * from Attachable where AttachableRef.EntityRef.Type = 'Invoice' " +
    `and AttachableRef.EntityRef.value = '${quoted(id)}' maxresults 1000`;
  try {
    const { QueryResponse } = await api.get("/query", { query: statement }, QueryAnswer);
    return QueryResponse.Attachable.find(({ Note }) => Note?.startsWith(marker)) ?? null;
  } catch (error) {
    if (isRefusal(error)) return null;
    throw error;
  }
}

/** In a query statement a quote is written behind a backslash. */
function quoted(text: string): string {
  return text.replace(/['\\]/g, "\\$&");
}

function noteOf(request: WriteBackRequest) {
  return noteWithin(request, longestNote);
}

function idOf({ invoice }: WriteBackRequest, { http }: QuickBooksApi): string {
  const { externalId, number } = invoice;
  if (externalId !== null) return externalId;
  const message = `${http.name} has no invoice ${number}`;
  throw new UpstreamError(message, { outcome: "not_sent", retryAt: null });
}
