import { z } from "zod";
import { partOf } from "./connection-input.ts";
import { RequestError } from "#server/errors.ts";
import { connectors } from "#server/connectors/index.ts";

/** One field of a connector's settings or secrets, as a form shows it. */
export interface FormField {
  /** `settings.fetchUrl` or `secrets.webhookSecret`. */
  name: string;
  label: string;
  hint: string;
  kind: "text" | "number" | "flag" | "choice" | "lines" | "json";
  required: boolean;
  options: string[];
  /** What holds when nothing is written. */
  fallback: string;
}

const Property = z.looseObject({
  type: z.string().optional(),
  title: z.string().optional(),
  description: z.string().optional(),
  enum: z.array(z.string()).optional(),
  default: z.unknown().optional(),
  anyOf: z.array(z.looseObject({ type: z.string().optional() })).optional(),
  items: z.looseObject({ type: z.string().optional() }).optional(),
});
type Property = z.infer<typeof Property>;

const ObjectSchema = z.looseObject({
  properties: z.record(z.string(), Property).default({}),
  required: z.array(z.string()).default([]),
});

/**
 * The fields of a connection's settings and secrets, from its system's schemas; those of the system's
 * app unless it names one. Throws 404 for an unknown system.
 */
export function fieldsOfSystem(of: Described): { settings: FormField[]; secrets: FormField[] } {
  const listed = connectors.get(of.system);
  if (!listed) throw new RequestError(404, "There is no such system");
  const { settings, secrets } = partOf(listed, of);
  return { settings: fieldsOf("settings", settings), secrets: fieldsOf("secrets", secrets) };
}

interface Described {
  system: string;
  app?: string | null;
}

function fieldsOf(part: "settings" | "secrets", schema: z.ZodType): FormField[] {
  const json = ObjectSchema.parse(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }));
  return Object.entries(json.properties).map(([key, property]) => ({
    name: `${part}.${key}`,
    label: property.title ?? key,
    hint: property.description ?? "",
    kind: kindOf(property),
    required: json.required.includes(key),
    options: property.enum ?? [],
    fallback: property.default === undefined ? "" : textOf(property.default),
  }));
}

function kindOf(property: Property): FormField["kind"] {
  if (property.enum) return "choice";
  if (property.type === "boolean") return "flag";
  if (property.type === "integer" || property.type === "number") return "number";
  if (property.type === "array") return property.items?.type === "string" ? "lines" : "json";
  if (property.type === "object") return "json";
  if (property.type === undefined && property.anyOf?.some(({ type }) => type === "array"))
    return "lines";
  return "text";
}

/** A present value as the form's control holds it. */
export function textOf(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every((item) => typeof item === "string"))
    return value.join("\n");
  return JSON.stringify(value);
}

/**
 * What a form says about one part. An empty field is left out: a setting is then not set, a secret
 * stays as it is. Throws 422 under the field for what cannot be read.
 */
export function valuesOf(
  fields: readonly FormField[],
  form: Record<string, unknown>,
): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const field of fields) {
    const given = form[field.name];
    const text = typeof given === "string" ? given.trim() : "";
    const key = field.name.slice(field.name.indexOf(".") + 1);
    if (field.kind === "flag") values[key] = text !== "";
    else if (text !== "") values[key] = valueOf(field, text);
  }
  return values;
}

function valueOf(field: FormField, text: string): unknown {
  if (field.kind === "number") {
    if (/^-?\d{1,15}$/.test(text)) return Number(text);
    throw refused(field, "Write a whole number");
  }
  if (field.kind === "lines") {
    // Pasted as the documentation and the file write it: a list in JSON.
    if (text.startsWith("[")) return parsed(field, text);
    const lines = text.split(/\r?\n/).flatMap((line) => line.trim() || []);
    if (field.name.startsWith("settings.")) return lines;
    const values = lines.map(secretIn);
    return values.length > 1 || typeof values[0] !== "string" ? values : values[0];
  }
  return field.kind === "json" ? parsed(field, text) : text;
}

/** `whsec_… until 2027-01-01T00:00:00Z`: a secret that is accepted until then. */
function secretIn(line: string): string | { secret: string; until: string } {
  const [, secret, until] = /^(\S+)\s+until\s+(\S+)$/.exec(line) ?? [];
  return secret !== undefined && until !== undefined ? { secret, until } : line;
}

function parsed(field: FormField, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw refused(field, "Write it as JSON", cause);
  }
}

function refused(field: FormField, message: string, cause?: unknown): RequestError {
  return new RequestError(422, message, { fields: { [field.name]: message }, cause });
}

/** The systems that can be connected, by name. */
export function systems(): { id: string; name: string; kind: string }[] {
  const all = [...connectors].map(([id, { name, kind }]) => ({ id, name, kind }));
  return all.sort((a, b) => a.name.localeCompare(b.name));
}

/** The set-up steps of a connection with its addresses; an organisation is set up by connecting it. */
export function setUpSteps(
  of: Described,
  { url, callback }: { url: string; callback: string },
): string[] {
  const listed = connectors.get(of.system);
  const steps = listed ? partOf(listed, of).setUp : [];
  return steps.map((step) => step.replaceAll("{url}", url).replaceAll("{callback}", callback));
}
