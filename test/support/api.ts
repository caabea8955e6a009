import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { openApiDocument } from "#server/api/openapi.ts";
import { createKey, type KeyRole } from "#server/access/api-keys.ts";
import { invoiceIssued } from "./standard-event.ts";
import { startTestPortal, type TestPortal } from "./start-portal.ts";

export const source = { kind: "operator", name: "test" } as const;

export const apiDocument = openApiDocument("https://portal.example");
const ajv = new Ajv2020({
  strict: true,
  allErrors: true,
  strictTypes: false,
  validateFormats: true,
});
addFormats.default(ajv);
ajv.addVocabulary(["example", "openapi", "info", "servers", "paths", "components", "tags"]);
ajv.addVocabulary(["security"]);
ajv.addSchema(JSON.parse(JSON.stringify(apiDocument)), "api");

/** Throws, naming each fault, when a value does not fit the schema at a place of the document. */
export function requireFit(pointer: string, value: unknown): void {
  const validate = ajv.getSchema(`api#${pointer}`);
  if (!validate) throw new Error(`The document has nothing at ${pointer}`);
  if (validate(value)) return;
  throw new Error(`${pointer}: ${ajv.errorsText(validate.errors, { separator: "\n" })}`);
}

/** The place of a name in a JSON pointer inside a URI fragment. */
export function pointerOf(...names: string[]): string {
  const escaped = names.map((name) => name.replaceAll("~", "~0").replaceAll("/", "~1"));
  return escaped.map((name) => `/${encodeURIComponent(name)}`).join("");
}

/** `path?query` below /api/v1 as the document's template of it; undefined when it has none. */
export function templateOf(path: string): string | undefined {
  const parts = `/api/v1/${path.split("?")[0] ?? ""}`.split("/");
  return Object.keys(apiDocument.paths).find((template) => {
    const names = template.split("/");
    const fits = (name: string, at: number) => name.startsWith("{") || name === parts[at];
    return names.length === parts.length && names.every(fits);
  });
}

interface Sent {
  method: string;
  body?: unknown;
  headers?: Record<string, string>;
}

/** Calls the API and reads its JSON. Throws when the answer is not as the document says. */
export async function call(portal: TestPortal, key: string, path: string, sent?: Sent) {
  const answer = await fetch(`${portal.url}/api/v1/${path}`, {
    method: sent?.method ?? "GET",
    ...(sent?.body !== undefined && { body: JSON.stringify(sent.body) }),
    headers: {
      authorization: `Bearer ${key}`,
      ...(sent?.body !== undefined && { "content-type": "application/json" }),
      ...sent?.headers,
    },
  });
  const text = await answer.text();
  const body = text === "" ? null : JSON.parse(text);
  requireDescribed(path, sent?.method ?? "GET", { answer, body });
  const type = answer.headers.get("content-type");
  return { status: answer.status, type, headers: answer.headers, body };
}

function requireDescribed(
  path: string,
  method: string,
  { answer, body }: { answer: Response; body: unknown },
): void {
  const { status, headers } = answer;
  if (status >= 400) requireFit("/components/schemas/Problem", body);
  const template = templateOf(path);
  const operation = apiDocument.paths[template ?? ""]?.[method.toLowerCase()];
  if (template === undefined || !operation) return;
  const described = operation.responses[status];
  if (!described) throw new Error(`${method} ${path} answered ${status}, which is not described`);
  if (!described.content) return;
  const [type = ""] = Object.keys(described.content);
  if (headers.get("content-type") !== type) throw new Error(`${path}: not ${type}`);
  const names = ["paths", template, method.toLowerCase(), "responses", String(status)];
  requireFit(pointerOf(...names, "content", type, "schema"), body);
  for (const name of Object.keys(described.headers ?? {})) {
    const limits = name.startsWith("RateLimit") && (status === 429 || status === 401);
    if (!limits && name !== "WWW-Authenticate" && !headers.has(name)) {
      throw new Error(`${method} ${path} answered ${status} without ${name}`);
    }
  }
}

/** Makes a key and gives its secret. */
export async function keyOf(portal: TestPortal, role: KeyRole, customer = ""): Promise<string> {
  return (await createKey(portal.portal, source, { name: `${role} program`, role, customer })).key;
}

const other = { customer: { id: "C-2", name: "Bright Marine" } };

/** Two customers with an invoice each. */
export async function twoCustomers() {
  const portal = await startTestPortal();
  await portal.deliver("erp", invoiceIssued("INV-1"));
  await portal.deliver("erp", invoiceIssued("INV-2", other));
  await portal.settled();
  const acme = await portal.addCustomer("Acme Tooling", "buyer@acme.example");
  const bright = await portal.addCustomer("Bright Marine", "buyer@bright.example");
  return { portal, acme, bright };
}
