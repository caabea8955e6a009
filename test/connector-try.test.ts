import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, expect, test } from "vitest";
import { z } from "zod";
import { runCommand } from "#server/commands/program.ts";
import { connectors } from "#server/connectors/index.ts";
import { databaseOf } from "./support/database.ts";
import { startTestPortal, webhookSecret } from "./support/start-portal.ts";

const folder = await mkdtemp(join(tmpdir(), "try-"));
afterAll(() => rm(folder, { recursive: true }));

const at = "2026-11-20T10:00:00.000Z";
const asksNobody = {
  name: "test",
  now: () => new Date(at),
  request: async () => Promise.reject(new Error("asked")),
};

/** What a system sends in a scenario, as files; gives the options that name them. */
async function filesOf(
  system: string,
  scenario: string,
  secrets: object,
  how: "lines" | "json",
  settings: object = {},
) {
  const listed = connectors.get(system);
  const connector = (listed?.app ?? listed)?.bind(settings, secrets, asksNobody);
  const [request] =
    connector?.simulations[scenario]?.({ now: new Date(at), seed: 1, account: "acme" }) ?? [];
  if (!request) throw new Error(`${system} has no ${scenario}`);
  const lines = Object.entries(request.headers).map(([name, value]) => `${name}: ${value}`);
  const first = "POST /webhooks/erp HTTP/1.1";
  const headers = how === "json" ? JSON.stringify(request.headers) : [first, ...lines].join("\r\n");
  const files = { headers: join(folder, "headers"), body: join(folder, "body") };
  await writeFile(files.headers, headers);
  await writeFile(files.body, request.body);
  const options = ["--headers", files.headers, "--body", files.body, "--at", at];
  return { request, files, options: [...options, "--secrets", JSON.stringify(secrets)] };
}

async function command(args: string[], environment: Record<string, string> = {}) {
  let [out, err] = ["", ""];
  const code = await runCommand(["connector", "try", ...args], {
    environment: { LOG_LEVEL: "silent", ...environment },
    out: (text) => (out += text),
    err: (text) => (err += text),
  });
  return { code, out, err };
}

const Tried = z.object({
  status: z.int(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
  handshake: z.boolean(),
  verified: z.boolean().nullable(),
  reason: z.string().nullable(),
  changes: z.array(z.looseObject({ kind: z.string() })),
  rejected: z.array(z.object({ at: z.string(), reason: z.string() })),
  fetches: z.array(z.record(z.string(), z.unknown())),
});

async function tried(...args: string[]) {
  const { code, out, err } = await command([...args, "--json"]);
  expect(err).toBe("");
  return { code, ...Tried.parse(JSON.parse(out)) };
}

const stripe = { webhookSecret: "whsec_tried" };

test("an authentic request is answered as the portal would, with what it says", async () => {
  const { options } = await filesOf("stripe", "paid", stripe, "lines");
  const result = await tried("stripe", ...options);
  expect(result).toMatchObject({
    ...{ code: 0, status: 200, handshake: false, verified: true, reason: null, rejected: [] },
  });
  expect(result.changes.map(({ kind }) => kind)).toContain("invoice");
});

test("a changed byte, another secret and another time are refused, each with its reason", async () => {
  const { options, files, request } = await filesOf("stripe", "paid", stripe, "json");
  const refused = { code: 1, status: 401, body: "", verified: false, changes: [], fetches: [] };
  const other = options.with(-1, JSON.stringify({ webhookSecret: "whsec_another" }));
  expect(await tried("stripe", ...other)).toMatchObject(refused);
  const later = options.with(options.indexOf(at), "2026-11-20T11:00:00.000Z");
  const late = await tried("stripe", ...later);
  expect(late).toMatchObject(refused);
  expect(late.reason).toMatch(/old|minutes|time/i);
  await writeFile(files.body, request.body.replace("paid", "paip"));
  expect(await tried("stripe", ...options)).toMatchObject(refused);
});

test("what only names an invoice is listed as what would be fetched, also of an app", async () => {
  const secrets = { webhookKey: "a-key-of-the-test-0123456789", clientSecret: "s" };
  const settings = { clientId: "c" };
  const { options } = await filesOf("xero", "invoice-updated", secrets, "lines", settings);
  const result = await tried("xero", ...options, "--settings", JSON.stringify(settings));
  expect(result).toMatchObject({ code: 0, status: 200, verified: true, changes: [] });
  expect(result.fetches).toEqual([
    { account: "acme", externalId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
  ]);
});

test("a handshake, a request by another method and an unusable body are told apart", async () => {
  const secrets = ["--secrets", JSON.stringify({ webhookSecret })];
  const options = await tried("standard-webhooks", "--method", "options", ...secrets);
  expect(options).toMatchObject({ status: 204, handshake: true, verified: null, reason: null });
  const read = await tried("standard-webhooks", "--method", "GET", ...secrets);
  expect(read).toMatchObject({ status: 405, headers: { allow: "POST" }, verified: null });

  const files = await filesOf("standard-webhooks", "paid", { webhookSecret }, "lines");
  const usable = await tried("standard-webhooks", ...files.options);
  expect(usable).toMatchObject({ verified: true, reason: null, code: 0 });
  await writeFile(files.files.body, gzipSync(files.request.body));
  await writeFile(
    files.files.headers,
    JSON.stringify({ ...files.request.headers, "Content-Encoding": "gzip" }),
  );
  const unzipped = await tried("standard-webhooks", ...files.options);
  expect(unzipped.changes).toEqual(usable.changes);
});

test("a connection that there is lends its settings and secrets, and nothing is stored", async () => {
  const erp = { id: "erp", system: "standard-webhooks", secrets: { webhookSecret } };
  await using portal = await startTestPortal({ connections: [erp] });
  const { options } = await filesOf("standard-webhooks", "paid", { webhookSecret }, "lines");
  const environment = {
    DATA_DIR: portal.dataDir,
    DATABASE_URL: (await databaseOf(portal.dataDir)).url,
    APP_SECRET: "a secret of the tests that is long enough",
  };
  const request = options.slice(0, -2);
  const found = await command(
    ["standard-webhooks", "--connection", "erp", ...request],
    environment,
  );
  expect(found).toMatchObject({ code: 0, err: "" });
  expect(found.out).toMatch(/^The portal would answer 20\d\nIts sender is authentic\nchange /);
  const wrong = await command(["stripe", "--connection", "erp", ...request], environment);
  expect(wrong).toMatchObject({ code: 1, err: expect.stringContaining("There is no stripe erp") });
  const { db } = portal.portal;
  expect(await db.selectFrom("deliveries").select("id").execute()).toEqual([]);
  expect(await db.selectFrom("invoices").select("id").execute()).toEqual([]);
});

test("a slip of the pen is named", async () => {
  const none = await command(["nothing"]);
  expect(none).toMatchObject({ code: 1, err: expect.stringContaining("is not a system") });
  const json = await command(["stripe", "--secrets", "{whsec}"]);
  expect(json).toMatchObject({ code: 1, err: expect.stringContaining("--secrets: needs a JSON") });
  const unknown = await command(["stripe", "--secrets", '{"webhookSecrte":"x"}']);
  expect(unknown.err).toContain("secrets.webhookSecrte: is not known");
  const file = await command(["stripe", "--body", join(folder, "nowhere")]);
  expect(file.err).toContain("nowhere cannot be read");
});
