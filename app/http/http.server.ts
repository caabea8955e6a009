import { data } from "@remix-run/node";
import { z } from "zod";
import { personHeader, personMeta } from "#domain/shown-person.ts";
import { readFields } from "./form-fields.server.ts";
import { plainWords } from "#app/words/plain-words.ts";

/** What a refused form gets back: a message for the whole, and one under each wrong field. */
export interface Refused {
  message: string;
  errors: Record<string, string>;
  /** What was typed, so that nothing is lost without JavaScript. */
  values: Record<string, string>;
  /** Fields that came more than once, e.g. ticked boxes. */
  lists: Record<string, string[]>;
}

/**
 * Reads the form by its schema and hands it to `handler`. What does not fit, and what the handler
 * refuses with a RequestError below 500, comes back as that status (422 for the schema) with each
 * message under its field. A form of a page that was drawn for another person is refused (409). A body that is no form of ours is refused with the error page (415, 413).
 */
export async function submit<Schema extends z.ZodType, Answer>(
  request: Request,
  schema: Schema,
  handler: (form: z.output<Schema>) => Promise<Answer>,
) {
  const typed = await readFields(request);
  const [values, lists] = [withoutSecrets(typed.values), withoutSecrets(typed.lists)];
  const reader = readers.get(request);
  const shown = request.headers.get(personHeader) ?? values[personMeta];
  if (reader && shown !== undefined && shown !== reader.userId) {
    const message = `${reader.email} signed in in this browser meanwhile. Nothing was sent.`;
    return data<Refused>({ message, errors: {}, values, lists }, 409);
  }
  const read = schema.safeParse({ ...typed.values, ...typed.lists }, { error: plainWords });
  if (!read.success) {
    const message = "This cannot be sent as it is: look at what is marked.";
    return data<Refused>({ message, errors: messagesOf(read.error), values, lists }, 422);
  }
  try {
    return await handler(read.data);
  } catch (error) {
    const refusal = Refusal.safeParse(error);
    if (!refusal.success) throw error;
    const { status, message, fields, headers } = refusal.data;
    return data<Refused>({ message, errors: fields, values, lists }, { status, headers });
  }
}

const readers = new WeakMap<Request, { userId: string; email: string }>();

/** Says who sends this request: `submit` refuses a form that was drawn for somebody else. */
export function sentBy(request: Request, reader: { userId: string; email: string }): void {
  readers.set(request, reader);
}

/**
 * A RequestError below 500, known by its shape: pages are bundled apart from the server, so that the
 * two have a class of their own each.
 */
const Refusal = z.object({
  name: z.literal("RequestError"),
  message: z.string(),
  status: z.int().min(400).max(499),
  fields: z.record(z.string(), z.string()),
  headers: z.record(z.string(), z.string()),
});

/** The value, or 404: a page never says whether something exists that is not the reader's. */
export function found<Value>(value: Value | null | undefined): Value {
  if (value === null || value === undefined) {
    // Remix renders a thrown response as the error page.
    // oxlint-disable-next-line no-throw-literal
    throw new Response("There is nothing at this address.", { status: 404 });
  }
  return value;
}

/** A path inside the portal that is safe to redirect to; "/" for anything else. */
export function localPath(text: string | null): string {
  if (text === null || !/^\/(?![/\\])[^\\\s]*$/.test(text)) return "/";
  const base = "http://portal.invalid";
  const url = URL.canParse(text, base) ? new URL(text, base) : null;
  if (url === null || url.origin !== base || url.pathname.startsWith("//")) return "/";
  return url.pathname + url.search;
}

/** A secret is written once and shown never, not even to whoever just typed it. */
function withoutSecrets<Value>(fields: Record<string, Value>): Record<string, Value> {
  const shown = Object.entries(fields).filter(([name]) => !name.startsWith("secrets."));
  return Object.fromEntries(shown);
}

function messagesOf(error: z.ZodError): Record<string, string> {
  const messages: Record<string, string> = {};
  for (const { path, message } of error.issues) messages[path.join(".")] ??= message;
  return messages;
}
