import { data } from "@remix-run/node";
import type { Refused } from "#app/http/http.server.ts";
import type { Line } from "#domain/change.ts";
import { linesAsked } from "#app/invoices/lines-asked.server.ts";

/** More lines than a dispute may have are not carried from page to page. */
const mostHeld = 500;

/** Whether a form was sent to see other lines, and not to open the dispute. */
export function asksForLines(request: Request): boolean {
  return new URL(request.url).searchParams.has("turn");
}

/** The form as it was sent, for the page with the other lines. */
export function asItWas(form: Record<string, unknown>) {
  const values: Record<string, string> = {};
  const lists: Record<string, string[]> = {};
  for (const [name, sent] of Object.entries(form)) {
    if (typeof sent === "string") values[name] = sent;
    else if (Array.isArray(sent)) lists[name] = sent.map(String);
  }
  return data<Refused>({ message: "", errors: {}, values, lists });
}

/** The lines of other pages that are ticked in a form or have something written: they stay on the screen. */
export function heldLines(
  request: Request,
  lines: readonly Line[],
  { values, lists }: Refused,
): Line[] {
  const ticked = new Set([...(lists["line"] ?? []), values["line"]]);
  const shown = new Set(linesAsked(request, lines).shown);
  const isHeld = (line: Line) =>
    !shown.has(line) && (ticked.has(line.id) || Boolean(values[`correct.${line.id}`]));
  return lines.filter(isHeld).slice(0, mostHeld);
}
