import type { EventType } from "#domain/event.ts";
import { UpstreamError } from "#server/errors.ts";
import type { WriteBackRequest } from "#domain/write-back.ts";
import type { Receipt } from "#server/connectors/contract.ts";
import { wordsWithin } from "#server/connectors/kit/wording.ts";
import { KeyUsedBefore, type StripeApi } from "./api.ts";
import { StripeInvoice } from "./objects.ts";

/** Whether there is a metadata key for it: Stripe has neither comments nor invoice disputes. */
export function isTold(event: EventType): boolean {
  return /^(?:dispute\.|comment\.added$|promise\.(?:made|withdrawn)$)/.test(event);
}

export interface Writer {
  api: StripeApi;
  /** Stops Stripe's own collection while the invoice is disputed. */
  pausesCollection: boolean;
}

/** Writes our own metadata keys on the invoice; other keys stay, since Stripe merges them. */
export async function writeMetadata(request: WriteBackRequest, writer: Writer): Promise<Receipt> {
  const { api } = writer;
  const path = pathOf(request, api);
  const metadata = await metadataOf(request, writer);
  const form = new URLSearchParams();
  for (const [key, value] of Object.entries(metadata.keys)) form.append(`metadata[${key}]`, value);
  if (metadata.autoAdvance !== undefined) form.append("auto_advance", String(metadata.autoAdvance));
  try {
    const invoice = await api.post(path, form, { key: request.key, schema: StripeInvoice });
    const { autoAdvance = invoice.auto_advance } = metadata;
    const receipt = receiptOf(invoice, metadata.keys, `200${shortenedWords(request)}`);
    return { ...receipt, readBack: receipt.readBack && invoice.auto_advance === autoAdvance };
  } catch (error) {
    if (!(error instanceof KeyUsedBefore)) throw error;
    const found = await findMetadata(request, writer);
    if (found) return found;
    throw error;
  }
}

/** After a lost answer: whether the invoice carries what this request writes. */
export async function findMetadata(
  request: WriteBackRequest,
  { api }: Pick<Writer, "api">,
): Promise<Receipt | null> {
  const found = await api.find(pathOf(request, api), StripeInvoice);
  if (!found) return null;
  const keys = keysOf(request);
  const answer = `found on the invoice${shortenedWords(request)}`;
  return isEqual(found.value, keys) ? receiptOf(found.value, keys, answer) : null;
}

/** Says of which value a part is missing. */
function shortenedWords({ dispute, comment, url }: WriteBackRequest): string {
  const words = dispute?.message ?? comment?.text ?? "";
  if (!wordsWithin(words, url, longest).isShortened) return "";
  return `; the ${dispute ? "message" : "comment"} was shortened to ${longest} characters`;
}

function receiptOf(invoice: StripeInvoice, keys: Record<string, string>, answer: string): Receipt {
  return { reference: invoice.id, readBack: isEqual(invoice, keys), answer };
}

function isEqual({ metadata }: StripeInvoice, keys: Record<string, string>): boolean {
  return Object.entries(keys).every(([key, value]) => (metadata?.[key] ?? "") === value);
}

function pathOf({ invoice }: WriteBackRequest, { http }: StripeApi): string {
  const { externalId, number } = invoice;
  if (externalId !== null) return `/v1/invoices/${encodeURIComponent(externalId)}`;
  throw new UpstreamError(`${http.name} has no invoice ${number}`, {
    outcome: "not_sent",
    retryAt: null,
  });
}

/** What Stripe keeps of one value. */
const longest = 500;

/** The keys that say it; an empty value deletes a key. Amounts are integers in ISO minor units. */
function keysOf(request: WriteBackRequest) {
  const { dispute, comment, promise, withdrawnPromise, occurredAt, url } = request;
  const keys: Record<string, string> = {};
  if (dispute) {
    const { number, state, reason, amount, creditedAmount, message, openedAt } = dispute;
    const isClosed = ["resolved", "rejected", "withdrawn"].includes(state);
    Object.assign(keys, {
      portal_dispute_id: number,
      portal_dispute_status: state,
      portal_dispute_reason: reason,
      portal_dispute_amount: String(amount.amount),
      portal_dispute_opened_at: openedAt,
      portal_dispute_resolved_at: isClosed ? occurredAt : "",
      portal_dispute_credited: creditedAmount ? String(creditedAmount.amount) : "",
      portal_dispute_message: wordsWithin(message, url, longest).text,
      portal_dispute_url: url,
    });
  }
  if (comment) {
    keys.portal_last_comment = wordsWithin(comment.text, url, longest).text;
    keys.portal_last_comment_at = occurredAt;
  }
  if (promise) {
    keys.portal_promise_date = promise.promisedOn;
    keys.portal_promise_amount = String(promise.amount.amount);
  }
  if (withdrawnPromise) Object.assign(keys, { portal_promise_date: "", portal_promise_amount: "" });
  return keys;
}

/** With `pausesCollection` the metadata also remembers that Stripe was collecting by itself before. */
async function metadataOf(request: WriteBackRequest, { api, pausesCollection }: Writer) {
  const keys: Record<string, string> = keysOf(request);
  const { dispute } = request;
  if (!pausesCollection || !dispute) return { keys };
  const invoice = (await api.find(pathOf(request, api), StripeInvoice))?.value;
  const wasPaused = invoice?.metadata?.portal_auto_advance === "true";
  const isClosed = ["resolved", "rejected", "withdrawn"].includes(dispute.state);
  if (isClosed && wasPaused) {
    return { keys: { ...keys, portal_auto_advance: "" }, autoAdvance: true };
  }
  if (isClosed || !(wasPaused || invoice?.auto_advance)) return { keys };
  return { keys: { ...keys, portal_auto_advance: "true" }, autoAdvance: false };
}
