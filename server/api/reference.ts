import type { KeyRole } from "#server/access/api-keys.ts";
import { exampleOf, fieldsOf, nameOf, typeOf } from "./example.ts";
import type { JsonSchema } from "./json-schema.ts";
import { onceFor } from "./once-for.ts";
import { type DocumentedOperation, openApiDocument } from "./openapi.ts";

/** A field or parameter as a line of a table. */
export interface FieldLine {
  /** `lines[].amount` for what lies within. */
  name: string;
  /** In words: `string`, `one of open, paid`, `Invoice`. */
  type: string;
  required: boolean;
  words: string;
}

export interface OperationPage {
  id: string;
  method: string;
  path: string;
  summary: string;
  words: string;
  /** None: no key is needed. */
  roles: KeyRole[];
  parameters: (FieldLine & { where: string })[];
  sent: FieldLine[];
  curl: string;
  answer: { status: string; words: string; fields: FieldLine[]; example: string };
  refusals: { status: string; words: string }[];
}

export interface ApiSection {
  name: string;
  operations: OperationPage[];
}

/** The API's document as sections that a page can show; made once, since it is the same for everybody. */
export const describeApi = onceFor(sectionsOf);

function sectionsOf(publicUrl: string): ApiSection[] {
  const document = openApiDocument(publicUrl);
  const { schemas } = document.components;
  const all = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  return document.tags.map(({ name }) => ({
    name,
    operations: all
      .filter(({ operation }) => operation.tags.includes(name))
      .map(({ path, method, operation }) =>
        pageOf({ path, method: method.toUpperCase(), operation, publicUrl, schemas }),
      ),
  }));
}

interface Documented {
  path: string;
  method: string;
  operation: DocumentedOperation;
  publicUrl: string;
  schemas: Record<string, JsonSchema>;
}

function pageOf(documented: Documented): OperationPage {
  const { path, method, operation, schemas } = documented;
  const answers = Object.entries(operation.responses);
  const [status = "", ok] = answers.find(([code]) => code.startsWith("2")) ?? [];
  const content = ok?.content?.["application/json"];
  const body = operation.requestBody?.content["application/json"];
  return {
    id: operation.operationId,
    method,
    path,
    summary: operation.summary,
    words: operation.description,
    roles: operation["x-roles"],
    parameters: operation.parameters.map(({ name, required, schema, description, in: where }) => ({
      ...{ name, required, where },
      ...{
        type: typeWords(schema),
        words: [description, limits(schema)].filter(Boolean).join("; "),
      },
    })),
    sent: body ? fieldLines(body.schema, schemas) : [],
    curl: curlOf(documented, body?.example),
    answer: {
      status,
      words: ok?.description ?? "",
      fields: content ? fieldLines(content.schema, schemas) : [],
      example: content ? JSON.stringify(content.example, null, 2) : "",
    },
    refusals: answers
      .filter(([code]) => !code.startsWith("2"))
      .map(([code, { description }]) => ({ status: code, words: description })),
  };
}

/** A call that can be pasted into a shell where the key stands in $KEY. */
function curlOf(
  { path, operation, publicUrl, schemas, method }: Documented,
  body: unknown,
): string {
  const id = path.includes("/disputes/{id}") ? "Dispute" : "Invoice";
  const example = exampleOf(schemas[id] ?? {}, schemas);
  const own = typeof example === "object" && example !== null && "id" in example ? example.id : "";
  const address = publicUrl + path.replace("{id}", String(own));
  const lines = [method === "GET" ? `curl ${address}` : `curl -X ${method} ${address}`];
  if (operation.security === undefined) lines.push('-H "Authorization: Bearer $KEY"');
  if (operation.parameters.some(({ name }) => name === "Idempotency-Key")) {
    lines.push('-H "Idempotency-Key: $(uuidgen)"');
  }
  if (body !== undefined) {
    lines.push('-H "Content-Type: application/json"', `-d '${JSON.stringify(body)}'`);
  }
  return lines.join(" \\\n  ");
}

const deepest = 3;

/** The fields of a schema, those within in their place. */
function fieldLines(
  schema: JsonSchema,
  named: Record<string, JsonSchema>,
  within = "",
  depth = 0,
): FieldLine[] {
  const { name: at, schema: plain } = unwrapped(schema, named, within);
  return fieldsOf(plain).flatMap(({ name, field, required }) => {
    const full = at === "" ? name : `${at}.${name}`;
    const words = [field.description, limits(field)].filter(Boolean).join("; ");
    const line = { name: full, type: typeWords(field), required, words };
    // The data of a list is told in full; what has a name of its own elsewhere is told there.
    return depth < deepest ? [line, ...fieldLines(field, named, full, depth + 1)] : [line];
  });
}

/** The schema behind references, lists and `or null`, and how its fields are called. */
function unwrapped(
  schema: JsonSchema,
  named: Record<string, JsonSchema>,
  name: string,
): { name: string; schema: JsonSchema } {
  if (schema.$ref !== undefined) return unwrapped(named[nameOf(schema.$ref)] ?? {}, named, name);
  const { items, anyOf } = schema;
  if (typeof items === "object" && !Array.isArray(items)) {
    return unwrapped(items, named, `${name}[]`);
  }
  const choices = (anyOf ?? []).filter((choice) => choice.type !== "null");
  const [only] = choices;
  return choices.length === 1 && only ? unwrapped(only, named, name) : { name, schema };
}

/** A schema's type in a few words. */
function typeWords(schema: JsonSchema): string {
  if (schema.$ref !== undefined) return nameOf(schema.$ref);
  if (schema.type === "null") return "null";
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return `one of ${schema.enum.join(", ")}`;
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return [...new Set(choices.map(typeWords))].join(" or ");
  if (typeOf(schema) === "array") {
    const { items } = schema;
    return typeof items === "object" && !Array.isArray(items)
      ? `list of ${typeWords(items)}`
      : "list";
  }
  const orNull = Array.isArray(schema.type) && schema.type.includes("null") ? " or null" : "";
  return `${schema.format ?? typeOf(schema) ?? "anything"}${orNull}`;
}

/** Limits and defaults that a caller must know. */
function limits({ minimum, maximum, maxLength, default: preset }: JsonSchema): string {
  const safe = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER;
  return [
    minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER && `at least ${minimum}`,
    safe && `at most ${maximum}`,
    maxLength !== undefined && `at most ${maxLength} characters`,
    typeof preset === "number" && `default ${preset}`,
  ]
    .filter(Boolean)
    .join(", ");
}
