import { z } from "zod";

/**
 * A person's name as somebody types it: letters, spaces and `. , ' -`, at most 60 characters. It stands in
 * mails that others get, so that it can hold no address, number or invisible direction mark.
 */
export const PersonName = z
  .string()
  .transform((text) => text.normalize("NFC").replaceAll(/\s+/g, " ").trim())
  .pipe(
    z
      .string()
      .min(1, "Write the person's name")
      .max(60, "At most 60 characters")
      .regex(/^[\p{L}\p{M} .,'’·-]*$/u, "Letters, spaces and . , ' - only"),
  );

/** Whether nobody said a name for this person yet: the address stands in for it. */
export function isNameless({ name, email }: { name: string; email: string }): boolean {
  return name === "" || name === email;
}
