import { linesAtOnce } from "#domain/list-limits.ts";

/**
 * The part of an invoice's lines that an address asks for: `lines` is the number of its page, from 1 on, the
 * first one where it says nothing.
 */
export function linesAsked<Line>(request: Request, lines: readonly Line[]) {
  const pages = Math.max(1, Math.ceil(lines.length / linesAtOnce));
  const asked = Number(new URL(request.url).searchParams.get("lines"));
  const page = Number.isInteger(asked) ? Math.min(Math.max(asked, 1), pages) : 1;
  const before = (page - 1) * linesAtOnce;
  const shown = lines.slice(before, before + linesAtOnce);
  const place = { page, pages, first: before + 1, last: before + shown.length, all: lines.length };
  return { shown, place };
}
