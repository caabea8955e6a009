import { z } from "zod";
import type { EventType } from "#domain/event.ts";
import { toDecimal } from "#domain/money.ts";
import { dayIn, plusDays } from "#domain/time.ts";
import type { WriteBackRequest } from "#domain/write-back.ts";
import type { Receipt } from "#server/connectors/contract.ts";
import { IdText } from "#server/connectors/kit/json.ts";
import { noteFor } from "#server/connectors/kit/wording.ts";
import { ownFields } from "./objects.ts";
import { idOf, type Reader } from "./read.ts";

/** Whether there is something to write for it: a note takes all of them. */
export function isTold(event: EventType): boolean {
  return /^(?:dispute\.|comment\.added$|promise\.(?:made|withdrawn)$)/.test(event);
}

export interface Writer extends Reader {
  /** The user who gets the activities; undefined: whose key it is. */
  accountant: number | undefined;
}

const model = "account.move";
const Ids = z.array(z.object({ id: IdText }));

/**
 * Writes our fields, the activity for a person and last the note in the chatter. Odoo makes one
 * transaction of each call, so each step looks whether it was done: whoever finds the note knows that
 * all of them were.
 */
export async function writeToInvoice(request: WriteBackRequest, writer: Writer): Promise<Receipt> {
  const id = await idOf(request.invoice, writer);
  const vals = fieldsOf(request, writer);
  if (Object.keys(vals).length > 0) {
    await writer.api.tell(model, "write", { ids: [id], vals }, z.literal(true));
  }
  await moveActivity(request, id, writer);
  if (writer.blocksPayment) await blockPayment(request, id, writer);
  const note = (await findNote(request, id, writer)) ?? (await postNote(request, id, writer));
  return receiptOf(request, { id, note }, writer);
}

/** After a lost answer: the receipt if the note is there. */
export async function findWritten(
  request: WriteBackRequest,
  writer: Writer,
): Promise<Receipt | null> {
  const id = await idOf(request.invoice, writer);
  const note = await findNote(request, id, writer);
  return note === null ? null : receiptOf(request, { id, note }, writer);
}

/** Reads back what was written: the note by its key, our fields by their values, a payment by its state. */
async function receiptOf(
  request: WriteBackRequest,
  { id, note }: { id: number; note: string },
  writer: Writer,
): Promise<Receipt> {
  const isThere = (await findNote(request, id, writer)) === note;
  const isEqual = await hasFields(fieldsOf(request, writer), id, writer);
  const left = writer.blocksPayment ? await blockingLeft(request, id, writer) : "";
  const answer = `Note ${note} on invoice ${id}${left}`;
  return { reference: note, readBack: isThere && isEqual && left === "", answer };
}

async function hasFields(vals: Values, id: number, { api }: Writer) {
  const fields = Object.keys(vals);
  if (fields.length === 0) return true;
  const Rows = z.array(z.record(z.string(), z.unknown()));
  const [row] = await api.ask(model, "read", { ids: [id], fields }, Rows);
  return fields.every((field) => row?.[field] === vals[field]);
}

/** Odoo's word for an empty field is false. */
type Values = Record<string, string | false>;

function fieldsOf(request: WriteBackRequest, writer: Writer): Values {
  const { dispute, promise, withdrawnPromise } = request;
  if (!writer.ownFields) return {};
  return {
    ...(dispute && {
      [ownFields.disputeState]: dispute.state,
      [ownFields.disputeNumber]: dispute.number,
    }),
    ...(promise && { [ownFields.promisedOn]: promise.promisedOn }),
    ...(withdrawnPromise && { [ownFields.promisedOn]: false as const }),
  };
}

async function findNote({ key }: WriteBackRequest, id: number, { api }: Writer) {
  const domain = [
    ["model", "=", model],
    ["res_id", "=", id],
    ["body", "ilike", `portal-key:${key}`],
  ];
  const given = { domain, fields: ["id"], order: "id asc", limit: 1 };
  const [found] = await api.ask("mail.message", "search_read", given, Ids);
  return found?.id ?? null;
}

const Posted = z.union([IdText, z.tuple([IdText]).transform(([id]) => id)]);

/** An internal note: a comment would be mailed to the followers, the customer among them. */
async function postNote(request: WriteBackRequest, id: number, { api }: Writer): Promise<string> {
  const lines = [...noteFor(request).split("\n"), `portal-key:${request.key}`];
  const given = {
    ids: [id],
    body: `<p>${lines.map(escaped).join("<br/>")}</p>`,
    body_is_html: true,
    message_type: "comment",
    subtype_xmlid: "mail.mt_note",
  };
  return api.tell(model, "message_post", given, Posted);
}

function escaped(text: string): string {
  const signs = new Map([
    ["&", "&amp;"],
    ["<", "&lt;"],
    [">", "&gt;"],
    ['"', "&quot;"],
  ]);
  return text.replace(/[&<>"]/g, (sign) => signs.get(sign) ?? sign);
}

const answerWithinDays = 7;

function isClosed({ dispute }: WriteBackRequest): boolean {
  return dispute !== undefined && ["resolved", "rejected", "withdrawn"].includes(dispute.state);
}

function isOpening({ event }: WriteBackRequest): boolean {
  return event === "dispute.opened" || event === "dispute.reopened";
}

/** A dispute is work for somebody until it is closed; a promise is to be looked at on its day. */
async function moveActivity(request: WriteBackRequest, id: number, writer: Writer): Promise<void> {
  const { dispute, promise, withdrawnPromise, occurredAt } = request;
  if (promise) {
    const summary = promiseSummary(promise);
    return schedule(request, id, { writer, summary, day: promise.promisedOn });
  }
  if (withdrawnPromise) {
    return tickOff(promiseSummary(withdrawnPromise), id, { writer, feedback: "taken back" });
  }
  if (!dispute) return;
  const summary = `Portal dispute ${dispute.number}`;
  if (isOpening(request)) {
    const day = plusDays(dayIn("UTC", occurredAt), answerWithinDays);
    return schedule(request, id, { writer, summary, day });
  }
  if (!isClosed(request)) return;
  await tickOff(summary, id, { writer, feedback: `${dispute.state}: ${dispute.message}` });
}

function promiseSummary({ amount, promisedOn }: NonNullable<WriteBackRequest["promise"]>): string {
  return `Portal promise: ${toDecimal(amount)} ${amount.currency} on ${promisedOn}`;
}

async function tickOff(
  summary: string,
  id: number,
  { writer, feedback }: { writer: Writer; feedback: string },
): Promise<void> {
  const ids = (await activities(summary, id, writer)).map((found) => Number(found.id));
  if (ids.length === 0) return; // somebody has ticked it off already
  await writer.api.tell("mail.activity", "action_feedback", { ids, feedback }, z.unknown());
}

interface Activity {
  writer: Writer;
  summary: string;
  day: string;
}

async function schedule(
  { url }: WriteBackRequest,
  id: number,
  { writer, summary, day }: Activity,
): Promise<void> {
  if ((await activities(summary, id, writer)).length > 0) return;
  const { api, accountant } = writer;
  const given = {
    ids: [id],
    act_type_xmlid: "mail.mail_activity_data_todo",
    date_deadline: day,
    summary,
    note: escaped(url),
    ...(accountant !== undefined && { user_id: accountant }),
  };
  await api.tell(model, "activity_schedule", given, z.unknown());
}

function activities(summary: string, id: number, { api }: Writer) {
  const domain = [
    ["res_model", "=", model],
    ["res_id", "=", id],
    ["summary", "=", summary],
  ];
  return api.ask("mail.activity", "search_read", { domain, fields: ["id"] }, Ids);
}

const Blocking = z.array(z.object({ payment_state: z.union([z.string(), z.literal(false)]) }));

/** The method toggles, so the state is looked at first; what is paid cannot be blocked. */
async function blockPayment(request: WriteBackRequest, id: number, writer: Writer): Promise<void> {
  if (!isOpening(request) && !isClosed(request)) return;
  const from = isOpening(request) ? ["not_paid", "partial"] : ["blocked"];
  if (!from.includes(await paymentStateOf(id, writer))) return;
  await writer.api.tell(model, "action_toggle_block_payment", { ids: [id] }, z.unknown());
}

/** Says that the payment is not blocked although it was to be, or the other way round. */
async function blockingLeft(request: WriteBackRequest, id: number, writer: Writer) {
  if (!isOpening(request) && !isClosed(request)) return "";
  const state = await paymentStateOf(id, writer);
  if ((state === "blocked") === isOpening(request)) return "";
  const words = state.replaceAll("_", " ");
  return isOpening(request) ? `; payment is not blocked: ${words}` : "; payment is still blocked";
}

/** Empty where Odoo says none. */
async function paymentStateOf(id: number, { api }: Writer): Promise<string> {
  const given = { ids: [id], fields: ["payment_state"] };
  const [row] = await api.ask(model, "read", given, Blocking);
  return row?.payment_state || "";
}
