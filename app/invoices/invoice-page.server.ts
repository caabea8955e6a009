import type { AppLoadContext } from "@remix-run/node";
import { z } from "zod";
import type { Db } from "#db/connect.ts";
import type { DisputeRow } from "#db/schema/disputes.ts";
import { chainsOf } from "#db/queries/audit-log.ts";
import {
  claimsOf,
  connectionNames,
  type InvoicePage,
  writeBacksOf,
} from "#db/queries/invoice-page.ts";
import type { CustomerScope } from "#db/queries/scope.ts";
import { readSupplier } from "#db/queries/settings.ts";
import { DisputedLine, isCreditPending, isOpen } from "#domain/dispute.ts";
import type { LedgerEvent } from "#domain/event.ts";
import { isSilent } from "#server/connections/connection-health.ts";
import { events } from "#server/ledger/read.ts";
import { proofReach } from "#server/proofs/proof-checkpoint.ts";
import type { Reader } from "#app/ui/reader.ts";
import { saidIn } from "./conversation.server.ts";
import { sentenceOf, sourceOf } from "#app/words/event-sentence.server.ts";

const timelineLimit = 500;
/** Of the words that were written back, so that one row can be told from another. */
const longestExcerpt = 60;

/**
 * Everything that the customer may see of one invoice: what its own chains hold. `sequence` is read
 * before by the caller.
 */
export async function loadInvoicePage(
  context: AppLoadContext,
  { scope, invoice, reader }: { scope: CustomerScope; invoice: InvoicePage; reader: Reader },
) {
  const { db } = context;
  const { row, view } = invoice;
  const { name: supplier } = await readSupplier(db);
  const { disputes, promises } = await claimsOf(db, scope, row.id);
  const told = await ownEvents(db, scope, row.id);
  const connections = told.flatMap(({ source }) =>
    source.kind === "connection" ? source.connection : [],
  );
  const contributors = view.payments.map(({ connection }) => connection);
  const ids = [...new Set([view.owner, ...connections, ...contributors])];
  const names = await connectionNames(db, ids);
  const telling = { reader, currency: row.currency, names };
  const nameOf = (author: string) => names[author] ?? author;
  return {
    supplier,
    invoice: {
      ...shownInvoice(invoice, nameOf(view.owner)),
      toldAt: lastTelling(told, view.owner),
      isOwnerSilent: await isSilent(context, view.owner),
    },
    payments: view.payments.map((payment) => ({ ...payment, from: nameOf(payment.connection) })),
    inferred: view.inferred,
    credits: view.credits.filter(({ voided }) => !voided),
    disputes: disputes.map((dispute) => shownDispute(dispute, row, nameOf)),
    talk: saidIn(told, { currency: row.currency, locale: reader.locale, nameOf, supplier }),
    promise: promises.find(({ state }) => state === "made" || state === "broken") ?? null,
    timeline: told.map((event) => timelineItem(event, telling)).reverse(),
    proof: await proofOf(context, told),
    writeBacks: await shownWriteBacks(db, scope, { invoice, told, disputes }),
  };
}

async function ownEvents(db: Db, scope: CustomerScope, invoice: string): Promise<LedgerEvent[]> {
  const chains = await chainsOf(db, scope.customerId);
  return events(db, { invoice, audience: "customer", chains, after: 0, limit: timelineLimit });
}

function timelineItem(event: LedgerEvent, telling: Parameters<typeof sentenceOf>[1]) {
  const { sequence, type, occurredAt, recordedAt } = event;
  const words = { sentence: sentenceOf(event, telling), source: sourceOf(event, telling) };
  return { sequence, type, occurredAt, recordedAt, ...words };
}

interface About {
  invoice: InvoicePage;
  told: readonly LedgerEvent[];
  disputes: readonly DisputeRow[];
}

async function shownWriteBacks(db: Db, scope: CustomerScope, { invoice, told, disputes }: About) {
  const { row, view } = invoice;
  const sent = await writeBacksOf(db, scope, { id: row.id, owner: view.owner });
  return sent.map((each) => shownWriteBack(each, told, disputes));
}

function shownInvoice({ row, view }: InvoicePage, owner: string) {
  return {
    id: row.id,
    number: row.number,
    description: row.description,
    status: row.status,
    dispute: row.dispute,
    currency: row.currency,
    total: row.total,
    paid: row.paid,
    credited: row.credited,
    due: row.due,
    otherwise: view.otherwise ?? 0,
    issuedOn: row.issued_on,
    dueOn: row.due_on,
    references: view.references,
    // Systems may send anything as an address: only what a browser opens as a page is linked.
    payUrl: view.payUrl && /^https?:\/\//i.test(view.payUrl) ? view.payUrl : null,
    owner,
  };
}

/** When a system last said something of the invoice; what people and the portal's own rules did is not its word. */
function lastTelling(told: readonly LedgerEvent[], connection: string): string | null {
  const isItsWord = ({ source }: LedgerEvent) =>
    source.kind === "connection" && source.connection === connection;
  return told.findLast(isItsWord)?.recordedAt ?? null;
}

/**
 * Number and fingerprint of the last event, and how many of the events a proof would hold that is
 * downloaded now; what else they hold is not for the browser.
 */
async function proofOf(context: AppLoadContext, told: LedgerEvent[]) {
  const last = told.at(-1);
  if (!last) return null;
  const { through, laterFrom } = await proofReach(context, last.sequence);
  const held = told.filter(({ sequence }) => sequence <= (through ?? Infinity)).length;
  return { sequence: last.sequence, hash: last.hash, held, laterFrom };
}

/** A dispute with its lines read, and whether its promised credit is there. */
export function shownDispute(
  dispute: DisputeRow,
  invoice: { credited: number },
  nameOf: (author: string) => string,
) {
  return {
    id: dispute.id,
    number: dispute.number,
    state: dispute.state,
    reason: dispute.reason,
    amount: dispute.amount,
    currency: dispute.currency,
    isOpen: isOpen(dispute.state),
    lines: z.array(DisputedLine).parse(JSON.parse(dispute.lines)),
    message: dispute.message,
    customerReference: dispute.customer_reference,
    openedBy: nameOf(dispute.opened_by),
    openedSide: dispute.opened_side,
    openedAt: dispute.opened_at,
    whole: dispute.whole_at !== null,
    answerDueAt: dispute.responded_at === null ? dispute.first_response_due_at : null,
    closedAt: dispute.closed_at,
    creditedAmount: dispute.credited_amount,
    creditPending: isCreditPending(dispute, invoice),
  };
}

const Receipt = z.looseObject({ reference: z.string().nullish() });

/**
 * A write-back as the customer reads it: what it is about, how far it got and what their system calls it.
 * `told` are the invoice's events, `disputes` its disputes.
 */
export function shownWriteBack(
  row: Awaited<ReturnType<typeof writeBacksOf>>[number],
  told: readonly LedgerEvent[],
  disputes: readonly DisputeRow[],
) {
  const event = told.find(({ sequence }) => sequence === row.sequence);
  const disputeId = event ? disputeIdOf(event) : null;
  const receipt = row.receipt === null ? {} : Receipt.parse(JSON.parse(row.receipt));
  return {
    id: row.id,
    what: row.what,
    disputeId,
    dispute: disputes.find(({ id }) => id === disputeId)?.number ?? null,
    words: event ? wordsOf(event) : null,
    promisedOn: event?.type === "promise.made" ? event.data.promisedOn : null,
    state: row.state,
    parked: row.parked_at !== null,
    done: row.done_at !== null,
    at: row.updated_at,
    reference: receipt.reference ?? null,
  };
}

function disputeIdOf(event: LedgerEvent): string | null {
  if (event.type === "dispute.opened") return event.data.dispute.id;
  return "disputeId" in event.data ? (event.data.disputeId ?? null) : null;
}

/** The beginning of what was written with it. */
function wordsOf(event: LedgerEvent): string | null {
  const words =
    event.type === "comment.added"
      ? event.data.text
      : event.type === "dispute.opened"
        ? event.data.dispute.message
        : "";
  return words === ""
    ? null
    : words.length > longestExcerpt
      ? `${words.slice(0, longestExcerpt)}…`
      : words;
}
