import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { z } from "zod";
import { describeApi } from "#server/api/reference.ts";
import {
  apiDocument,
  call,
  keyOf,
  pointerOf,
  requireFit,
  templateOf,
  twoCustomers,
} from "#test/support/api.ts";
import { startTestPortal } from "#test/support/start-portal.ts";

const operations = Object.entries(apiDocument.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

test("every address under /api/v1 is in the document, and every one in the document exists", () => {
  const files = readdirSync("app/routes").filter((name) => name.startsWith("api.v1."));
  const addresses = files
    .map((name) => name.replace(/\.tsx?$/, ""))
    .filter((name) => name !== "api.v1.$")
    .map((name) => {
      const parts = name.replaceAll("[.]", "\0").replaceAll("_.", ".").split(".");
      const path = parts.map((part) => part.replace(/^\$(\w+)$/, "{$1}")).join("/");
      return `/${path.replaceAll("\0", ".")}`;
    });
  expect(addresses.toSorted()).toEqual(Object.keys(apiDocument.paths).toSorted());
});

/** The shape that OpenAPI 3.1 asks of a document, as far as this one uses it. */
const Ref = z.strictObject({ $ref: z.string().regex(/^#\/components\/\w+\/[\w.-]+$/) });
const Content = z.record(
  z.string().regex(/^[\w.+-]+\/[\w.+-]+$/),
  z.strictObject({ schema: z.record(z.string(), z.unknown()), example: z.unknown() }),
);
const OpenApi31 = z.strictObject({
  openapi: z.string().regex(/^3\.1\.\d+$/),
  info: z.strictObject({ title: z.string(), version: z.string(), description: z.string() }),
  servers: z.array(z.strictObject({ url: z.url() })).min(1),
  security: z.array(z.record(z.string(), z.array(z.string()))),
  tags: z.array(z.strictObject({ name: z.string() })),
  paths: z.record(
    z.string().startsWith("/"),
    z.partialRecord(
      z.enum(["get", "put", "post", "delete", "options", "head", "patch", "trace"]),
      z.strictObject({
        operationId: z.string().regex(/^\w+$/),
        tags: z.array(z.string()).min(1),
        summary: z.string().min(1),
        description: z.string().min(1),
        security: z.array(z.record(z.string(), z.array(z.string()))).optional(),
        parameters: z.array(
          z
            .strictObject({
              name: z.string().min(1),
              in: z.enum(["path", "query", "header", "cookie"]),
              required: z.boolean(),
              description: z.string().optional(),
              schema: z.record(z.string(), z.unknown()),
            })
            .refine((given) => given.in !== "path" || given.required),
        ),
        requestBody: z.strictObject({ required: z.boolean(), content: Content }).optional(),
        responses: z.record(
          z.string().regex(/^[1-5]\d\d$/),
          z.strictObject({
            description: z.string().min(1),
            headers: z.record(z.string(), Ref).optional(),
            content: Content.optional(),
          }),
        ),
        "x-roles": z.array(z.string()),
      }),
    ),
  ),
  components: z.strictObject({
    securitySchemes: z.record(
      z.string(),
      z.strictObject({ type: z.literal("http"), scheme: z.string(), description: z.string() }),
    ),
    headers: z.record(
      z.string(),
      z.strictObject({ description: z.string(), schema: z.record(z.string(), z.unknown()) }),
    ),
    schemas: z.record(z.string().regex(/^[\w.-]+$/), z.record(z.string(), z.unknown())),
  }),
});

test("the document has the shape of OpenAPI 3.1, and what it refers to is there", () => {
  const document: unknown = JSON.parse(JSON.stringify(apiDocument));
  OpenApi31.parse(document);
  const ids = operations.map(({ operation }) => operation.operationId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const [, ref = ""] of JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)) {
    let at: unknown = document;
    for (const name of ref.split("/")) at = z.record(z.string(), z.unknown()).parse(at)[name];
    expect(at, ref).toBeTypeOf("object");
  }
  for (const { path, operation } of operations) {
    const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const given = operation.parameters.filter((parameter) => parameter.in === "path");
    expect(given.map(({ name }) => name)).toEqual(named);
  }
});

test("every schema of the document compiles, and every example fits its schema", () => {
  for (const name of Object.keys(apiDocument.components.schemas)) {
    expect(() => requireFit(pointerOf("components", "schemas", name), Symbol(name))).toThrow(name);
  }
  for (const { path, method, operation } of operations) {
    const place = ["paths", path, method];
    for (const [status, { content = {} }] of Object.entries(operation.responses)) {
      for (const [type, { example }] of Object.entries(content)) {
        const names = [...place, "responses", status, "content", type, "schema"];
        requireFit(pointerOf(...names), JSON.parse(JSON.stringify(example)));
      }
    }
    const sent = operation.requestBody?.content["application/json"];
    if (!sent) continue;
    const names = [...place, "requestBody", "content", "application/json", "schema"];
    requireFit(pointerOf(...names), sent.example);
  }
});

test("an answer that is not as described is noticed by these tests", () => {
  const invoice = pointerOf("components", "schemas", "Invoice");
  expect(() => requireFit(invoice, { id: "inv_1" })).toThrow("must have required property");
  const event = pointerOf("components", "schemas", "Event");
  const example = apiDocument.paths["/api/v1/ledger"]?.["get"]?.responses["200"]?.content;
  const [first] = z
    .object({ data: z.array(z.record(z.string(), z.unknown())) })
    .parse(example?.["application/json"]?.example).data;
  requireFit(event, { ...first, data: null });
  expect(() => requireFit(event, { ...first, data: {} })).toThrow("promisedOn");
});

test("every operation of the document answers as the document says, and refuses so", async () => {
  const { portal } = await twoCustomers();
  await using _ = portal;
  const key = await keyOf(portal, "finance");
  const invoice = await portal.invoiceId("INV-1");
  const post = { method: "POST", body: { reason: "other", message: "Hm" } };
  const { body: dispute } = await call(
    portal,
    key,
    `invoices/${await portal.invoiceId("INV-2")}/disputes`,
    post,
  );
  await portal.settled();
  const bodies: Record<string, unknown> = {
    openDispute: { reason: "duplicate", amount: 100, message: "Twice" },
    moveDispute: { state: "resolved", creditedAmount: 0, message: "Here you are" },
  };
  for (const { path, method, operation } of operations) {
    const id = path.includes("/disputes/{id}") ? dispute.id : invoice;
    const at = (value: string) => path.replace("/api/v1/", "").replace("{id}", value);
    const sent = { method: method.toUpperCase(), body: bodies[operation.operationId] };
    expect(templateOf(at(id))).toBe(path);
    const ok = await call(portal, key, at(id), sent);
    expect(ok.status, `${method} ${path}`).toBe(method === "post" ? 201 : 200);
    const isOpen = operation.security !== undefined;
    const refused = {
      401: await call(portal, "wrong", at(id), sent),
      404: await call(portal, key, at("none"), sent),
      422: await call(portal, key, at(id), { ...sent, ...(operation.requestBody && { body: {} }) }),
      400: await call(portal, key, `${at(id)}?nothing=1`, sent),
    };
    expect(refused[401].status).toBe(isOpen ? 200 : 401);
    expect(refused[404].status === 404).toBe(path.includes("{id}"));
    expect(refused[422].status === 422).toBe(operation.requestBody !== undefined);
    expect(refused[400].status === 400).toBe(!isOpen);
    expect(refused[400].body.errors?.[0].field).toBe(isOpen ? undefined : "nothing");
  }
});

test("the document is served to everybody, with this portal's address", async () => {
  await using portal = await startTestPortal();
  const answer = await fetch(`${portal.url}/api/v1/openapi.json`);
  expect(answer.headers.get("content-type")).toBe("application/json");
  const document = z.object({ servers: z.array(z.object({ url: z.string() })) });
  const { servers } = document.parse(await answer.json());
  expect(servers[0]?.url).toBe(portal.url);
  const sent = await fetch(`${portal.url}/api/v1/openapi.json`, {
    method: "DELETE",
    headers: { authorization: "Bearer nobody" },
  });
  expect(sent.status).toBe(405);
  expect(sent.headers.get("allow")).toBe("GET, HEAD, OPTIONS");
});

test("the page tells of every operation with its parameters, an example and a call", async () => {
  await using portal = await startTestPortal();
  const page = await fetch(`${portal.url}/api`);
  expect(page.status).toBe(200);
  const html = await page.text();
  for (const { operation } of operations) {
    expect(html).toContain(`id="${operation.operationId}"`);
    expect(html).toContain(operation.summary);
  }
  for (const { id, curl } of describeApi(portal.url).flatMap(({ operations }) => operations)) {
    expect(curl, id).toContain(portal.url);
  }
});
