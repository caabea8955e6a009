/** At most this many characters are read of a form. The longest of ours is a message of 5,000. */
export const longestForm = 256 * 1024;
/** The form that disputes lines has two fields a line: 200 on a page, and those chosen on other pages. */
export const mostFields = 2_500;
/** No form of ours has a name as long as this. */
const longestName = 200;

/** The fields of a form by name. A name that comes more than once is a list, e.g. ticked boxes. */
export interface FormFields {
  values: Record<string, string>;
  lists: Record<string, string[]>;
}

/**
 * Reads a form as a browser sends it, in one pass over its fields. Throws a Response, which Remix shows as
 * the error page: 415 when the body is no form (none of our forms sends files), 413 when it is larger
 * than any form of ours.
 */
export async function readFields(request: Request): Promise<FormFields> {
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/x-www-form-urlencoded\b/i.test(type)) {
    throw refusal(415, "This address takes a form of the portal");
  }
  const text = await request.text();
  if (text.length > longestForm) throw refusal(413, "This form is too long");
  const fields = new Map<string, string[]>();
  let count = 0;
  for (const [name, sent] of new URLSearchParams(text)) {
    // A browser counts the end of a line as one character and sends two.
    const value = sent.replaceAll("\r\n", "\n");
    count += 1;
    if (count > mostFields || name.length > longestName) {
      throw refusal(413, "This form has more fields than any of the portal");
    }
    const known = fields.get(name);
    if (known) known.push(value);
    else fields.set(name, [value]);
  }
  return byCount(fields);
}

function byCount(fields: Map<string, string[]>): FormFields {
  const values: Record<string, string> = {};
  const lists: Record<string, string[]> = {};
  for (const [name, texts] of fields) {
    const [first = ""] = texts;
    if (texts.length > 1) lists[name] = texts;
    else values[name] = first;
  }
  return { values, lists };
}

function refusal(status: number, words: string): Response {
  return new Response(words, { status });
}
