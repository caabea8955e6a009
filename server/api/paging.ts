import { z } from "zod";
import { RequestError } from "#server/errors.ts";

/** How a list is paged: `after` is the `next` of the page before. */
export const Paging = z.strictObject({
  after: z.string().min(1).max(200).describe("the `next` of the page before").optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50).describe("how many at most"),
});

/** A cursor that is a sequence or an id; 0 before the first page. Throws 400 for anything else. */
export function afterNumber(after: string | undefined): number {
  if (after === undefined) return 0;
  if (!/^\d{1,15}$/.test(after)) throw badCursor();
  return Number(after);
}

/** A cursor of a sequence and an id, for rows that share a last event. Throws 400 for anything else. */
export function afterEvent(after: string | undefined) {
  if (after === undefined) return { sequence: 0, id: "" };
  const [, sequence, id] = /^(\d{1,15})~([\w-]+)$/.exec(after) ?? [];
  if (sequence === undefined || id === undefined) throw badCursor();
  return { sequence: Number(sequence), id };
}

/** A cursor of an instant and an id; undefined before the first page. Throws 400 for anything else. */
export function afterCreated(after: string | undefined) {
  if (after === undefined) return undefined;
  const [, createdAt, id] = /^([\dTZ:.-]{24})~([\w-]+)$/.exec(after) ?? [];
  if (createdAt === undefined || id === undefined) throw badCursor();
  return { createdAt, id };
}

function badCursor(): RequestError {
  const message = "is the `next` of a page, unchanged";
  return new RequestError(400, `after ${message}`, { fields: { after: message } });
}

/**
 * A page and the cursor of the one behind it. Ask for one row more than `limit`: whether it came says
 * whether there is more.
 */
export function pageOf<Row, Item>(
  rows: Row[],
  {
    limit,
    item,
    cursor,
  }: { limit: number; item: (row: Row) => Item; cursor: (row: Row) => string },
): { data: Item[]; next: string | null } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    data: shown.map(item),
    next: rows.length > limit && last !== undefined ? cursor(last) : null,
  };
}
