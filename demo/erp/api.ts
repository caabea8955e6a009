import { createHash, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { requireInvoice, today, type Erp } from "./change.ts";
import { Refusal } from "./refusal.ts";
import { changedAfter } from "./store.ts";
import { toFullWire } from "./wire.ts";

const Query = z.object({
  updated_since: z.iso.datetime({ offset: true }).default("1970-01-01T00:00:00.000Z"),
  cursor: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});
const Place = z.tuple([z.string(), z.string()]); // updatedAt, id

/** Throws a Refusal (401) unless the header is `Bearer <token>`. */
export function requireToken(authorization: string | undefined, token: string): void {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  if (!timingSafeEqual(digest(authorization ?? ""), digest(`Bearer ${token}`))) {
    throw new Refusal(401, "The bearer token is missing or wrong");
  }
}

/** `GET /invoices/{externalId}`: the whole invoice, amounts as decimal strings. */
export function readInvoice(erp: Erp, id: string) {
  return toFullWire(requireInvoice(erp.store, id), today(erp));
}

/**
 * `GET /invoices?updated_since&cursor&limit`: oldest change first. What changes while the list is
 * read comes again at its end, so nothing is missed. `next` is null on the last page.
 */
export function listInvoices(erp: Erp, search: URLSearchParams) {
  const query = Query.safeParse(Object.fromEntries(search));
  if (!query.success) throw new Refusal(400, z.prettifyError(query.error));
  const { updated_since, cursor, limit } = query.data;
  const since = new Date(updated_since).toISOString();
  const [updatedAt, id] = cursor === undefined ? ["", ""] : readCursor(cursor);
  const found = changedAfter(erp.store, { since, updatedAt, id, limit: limit + 1 });
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const next = found.length > limit && last ? toCursor([last.updatedAt, last.id]) : null;
  return { data: page.map((invoice) => toFullWire(invoice, today(erp))), next };
}

function toCursor(place: z.infer<typeof Place>): string {
  return Buffer.from(JSON.stringify(place)).toString("base64url");
}

function readCursor(cursor: string): z.infer<typeof Place> {
  try {
    return Place.parse(JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")));
  } catch (cause) {
    throw new Refusal(400, `The cursor is not one of ours: ${String(cause)}`);
  }
}
