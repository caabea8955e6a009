import { KeyRole } from "#server/access/api-keys.ts";
import { exampleOf, fieldsOf } from "./example.ts";
import { componentSchemas, inputSchema, type JsonSchema, refOf } from "./json-schema.ts";
import { badKeysAMinute, callsAMinute } from "./key-limit.ts";
import { IdempotencyKey, type Operation } from "./operation.ts";
import { operations } from "./operations.ts";
import { titles } from "./problem.ts";
import { mayRole, rightsTable } from "./rights.ts";

export interface Parameter {
  name: string;
  in: "path" | "query" | "header";
  required: boolean;
  description?: string;
  schema: JsonSchema;
}

interface Content {
  schema: JsonSchema;
  example?: unknown;
}

export interface DocumentedAnswer {
  description: string;
  headers?: Record<string, { $ref: string }>;
  content?: Record<string, Content>;
}

export interface DocumentedOperation {
  operationId: string;
  tags: string[];
  summary: string;
  description: string;
  security?: Record<string, string[]>[];
  parameters: Parameter[];
  requestBody?: { required: true; content: Record<string, Content> };
  responses: Record<string, DocumentedAnswer>;
  /** The roles whose keys may do it; none: no key is needed. */
  "x-roles": KeyRole[];
}

/** What holds for every address, with `**` around the words that matter. */
export const introduction = [
  "Read invoices, disputes and the ledger, and work disputes. Amounts are integers in minor units of their currency, instants are UTC text, ids are opaque.",
  "**Lists** are `{ data, next }`. Ask for the following page with `after=<next>`; null means that there is none. Invoices and disputes come in the order of their last event: keep the last `next` that was not null, and going on from it gives that last page again with what changed since.",
  "**Refusals** are `application/problem+json` (RFC 9457) with a sentence in `detail` and, where single fields are wrong, each by name in `errors`. A parameter that is not listed here is refused, so that no filter is silently ignored.",
  `**Limits**: a key may call ${callsAMinute} times a minute. \`RateLimit\` tells what is left; then comes 429 with \`Retry-After\`. ${badKeysAMinute} bad keys a minute from one address are answered with 429 too.`,
  "**Methods**: HEAD stands for GET without the body, OPTIONS names the methods in `Allow`, others get 405. Answers have an `ETag`; with `If-None-Match` an unchanged one is 304.",
];

export const keyWords =
  "A key, `ipk_…`, is made in the console or by `portal api-key create`, shown once, and sent as `Authorization: Bearer ipk_…`. It is valid until it is revoked, or until the day that was set. What a customer's key may not do or see is 404 for it; other keys get 403.";

/** The description of the API in OpenAPI 3.1, made of the schemas and operations that it runs on. */
export function openApiDocument(publicUrl: string) {
  const schemas = componentSchemas();
  const paths: Record<string, Record<string, DocumentedOperation>> = {};
  for (const operation of operations) {
    const methods = (paths[operation.path] ??= {});
    methods[operation.method.toLowerCase()] = documented(operation, schemas);
  }
  return {
    openapi: "3.1.1",
    info: { title: "Invoice status portal", version: "1", description: introduction.join("\n\n") },
    servers: [{ url: publicUrl }],
    security: [{ key: [] }],
    tags: ["invoices", "disputes", "ledger", "operations"].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        key: { type: "http", scheme: "bearer", description: securityWords() },
      },
      headers,
      schemas,
    },
  };
}

function securityWords(): string {
  const { roles, rows } = rightsTable();
  const line = (cells: string[]) => `| ${cells.join(" | ")} |`;
  const table = [
    line(["a key of", ...roles.map(({ role }) => role)]),
    line(["---", ...roles.map(() => "---")]),
    ...rows.map(({ words, may }) => line([words, ...may.map((each) => (each ? "yes" : "no"))])),
  ];
  const words = roles.map((each) => `\`${each.role}\`: ${each.words}.`).join(" ");
  return `${keyWords} ${words}\n\n${table.join("\n")}`;
}

const text = { type: "string" as const };
const headers = {
  RateLimit: { description: "calls left (`r`) in the next seconds (`t`)", schema: text },
  "RateLimit-Policy": { description: "calls (`q`) in a window of seconds (`w`)", schema: text },
  "Retry-After": { description: "seconds", schema: { type: "string" as const, pattern: "^\\d+$" } },
  "WWW-Authenticate": { description: "how to authenticate (RFC 6750)", schema: text },
  ETag: { description: "a tag of the content, for `If-None-Match`", schema: text },
  Location: { description: "where the new dispute is", schema: text },
  Allow: { description: "the methods of this address", schema: text },
};

function headersNamed(...names: (keyof typeof headers)[]) {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

function documented(
  operation: Operation,
  schemas: Record<string, JsonSchema>,
): DocumentedOperation {
  const { id, method, path, summary, words, right, body, answer } = operation;
  const ok: DocumentedAnswer = {
    description: answer.words,
    headers: headersNamed(
      "ETag",
      ...(right === null ? [] : (["RateLimit", "RateLimit-Policy"] as const)),
      ...(answer.status === 201 ? (["Location"] as const) : []),
    ),
    content: { "application/json": content(refOf(answer.schema), schemas) },
  };
  const unchanged = { description: "nothing changed since the tag in `If-None-Match`" };
  return {
    operationId: id,
    tags: [tagOf(path)],
    summary,
    description: words,
    ...(right === null && { security: [] }),
    parameters: parametersOf(operation),
    ...(body && {
      requestBody: {
        required: true as const,
        content: { "application/json": content(refOf(body), schemas) },
      },
    }),
    responses: {
      [answer.status]: ok,
      ...(method === "GET" && { 304: unchanged }),
      ...(right !== null && refusalsOf(operation)),
    },
    "x-roles": right === null ? [] : KeyRole.options.filter((role) => mayRole(role, right)),
  };
}

function content(schema: JsonSchema, schemas: Record<string, JsonSchema>): Content {
  return { schema, example: exampleOf(schema, schemas) };
}

function tagOf(path: string): string {
  const [, , , first = ""] = path.split("/");
  if (path.endsWith("/disputes") || first === "disputes") return "disputes";
  if (path.endsWith("/events") || first === "ledger") return "ledger";
  return first === "invoices" ? "invoices" : "operations";
}

function parametersOf({ path, query, idempotent, method }: Operation): Parameter[] {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]): Parameter => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  const inQuery = fieldsOf(inputSchema(query)).map(({ name, field, required }): Parameter => {
    const { description, ...schema } = field;
    return { name, in: "query", required, ...(description && { description }), schema };
  });
  const inHeaders: Parameter[] = [];
  if (method === "GET") {
    const description = "an `ETag` from before";
    inHeaders.push({
      name: "If-None-Match",
      in: "header",
      required: false,
      description,
      schema: text,
    });
  }
  if (idempotent) {
    const description = "made up by you: the same key and body open one dispute, kept for a week";
    const schema = inputSchema(IdempotencyKey);
    inHeaders.push({ name: "Idempotency-Key", in: "header", required: false, description, schema });
  }
  return [...inPath, ...inQuery, ...inHeaders];
}

/** Every refusal of an operation by its status. */
function refusalsOf({ right, body, refusals = {} }: Operation): Record<string, DocumentedAnswer> {
  const supplierOnly = right !== null && !mayRole("customer", right);
  const words: Record<number, string> = {
    400: "a parameter or header is wrong: `errors` names it",
    401: "no key, or one that is unknown, revoked or expired",
    403: "the key's role may not do this",
    ...(supplierOnly && { 404: "for a customer's key this does not exist" }),
    ...refusals,
    ...(body && {
      413: "the body is longer than 256 Ki characters",
      415: "the body is not application/json",
    }),
    429: "too many calls: wait for `Retry-After` seconds",
    500: "our fault; it was written down",
  };
  return Object.fromEntries(
    Object.entries(words).map(([status, description]) => [
      status,
      refusal(Number(status), description),
    ]),
  );
}

const refusalHeaders: Record<number, (keyof typeof headers)[]> = {
  401: ["WWW-Authenticate"],
  403: ["WWW-Authenticate"],
  429: ["Retry-After", "RateLimit", "RateLimit-Policy"],
};

function refusal(status: number, description: string): DocumentedAnswer {
  const schema = { $ref: "#/components/schemas/Problem" };
  const example = {
    type: "about:blank",
    title: titles[status] ?? "Error",
    status,
    detail: description,
  };
  return {
    description,
    headers: headersNamed(...(refusalHeaders[status] ?? [])),
    content: { "application/problem+json": { schema, example } },
  };
}
