import { z } from "zod";
import { oneLine } from "./text.ts";

/** A name that somebody types: one line, without controls and without what turns the text around it. */
export function nameOf({ missing, longest }: { missing: string; longest: number }) {
  return z
    .string()
    .transform((text) => oneLine(text).trim())
    .pipe(z.string().min(1, missing).max(longest, `at most ${longest} characters`));
}
