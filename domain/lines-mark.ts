import { createHash } from "node:crypto";
import type { Line } from "./change.ts";

/** A short text that is another one as soon as anything of the lines, as `InvoiceView` has them, is. */
export function linesMark(lines: readonly Line[]): string {
  return createHash("sha256").update(JSON.stringify(lines)).digest("hex").slice(0, 16);
}
