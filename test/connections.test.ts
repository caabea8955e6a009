import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { readConfig } from "#server/config.ts";
import { Connections } from "#server/connections/connections.ts";
import type { Context } from "#server/context.ts";
import type { Source } from "#domain/event.ts";
import { RequestError, UpstreamError } from "#server/errors.ts";
import { openContext } from "#server/open-context.ts";
import { startStandIn } from "./connectors/stand-in.ts";
import { databaseOf } from "#test/support/database.ts";

const source: Source = { kind: "operator", name: "test" };
const webhookSecret = "whsec_dGVzdC1zZWNyZXQtc3RhbmRhcmQtd2ViaG9va3M=";
const erp = { id: "erp", system: "standard-webhooks", secrets: { webhookSecret } };

/** A migrated database in a folder of its own; `again` opens it as the next start would. */
async function openDatabase() {
  const folder = mkdtempSync(join(tmpdir(), "connections-"));
  const { url, drop } = await databaseOf(folder);
  const opened: { close(): Promise<void> }[] = [];
  return {
    async context(appSecret = "first-secret-of-at-least-32-characters"): Promise<Context> {
      const config = readConfig({
        DATA_DIR: folder,
        DATABASE_URL: url,
        APP_SECRET: appSecret,
        OUTBOUND_ALLOW: "127.0.0.0/8",
        LOG_LEVEL: "silent",
      });
      const one = await openContext(config, { clock: () => new Date("2026-11-20T10:00:00.000Z") });
      opened.push(one);
      return one.context;
    },
    async [Symbol.asyncDispose]() {
      for (const one of opened) await one.close();
      await drop();
      rmSync(folder, { recursive: true });
    },
  };
}

async function audits(context: Context) {
  const rows = await context.db.selectFrom("events").select("data").orderBy("sequence").execute();
  const Audit = z.object({ action: z.string(), subject: z.string() });
  return rows.map(({ data }) => Object.values(Audit.parse(JSON.parse(data ?? ""))).join(" "));
}

test("a connection that was added is there after the next start, and nothing of its secrets is readable", async () => {
  await using database = await openDatabase();
  const context = await database.context();
  const connections = await new Connections(context).load();
  const added = await connections.add({ ...erp, name: "Our ERP" }, source);
  expect(added).toMatchObject({ id: "erp", name: "Our ERP", kind: "erp", pausedAt: null });
  const again = await new Connections(await database.context()).load();
  expect(again.get("erp")).toMatchObject({ name: "Our ERP", isFromFile: false });
  expect(again.list()).toHaveLength(1);
  const [row] = await context.db.selectFrom("connections").selectAll().execute();
  expect(Buffer.from(row?.secrets ?? []).includes("whsec")).toBe(false);
  expect(await audits(context)).toEqual(["connection_added erp"]);
});

test("every fault of a connection is named at once", async () => {
  await using database = await openDatabase();
  const connections = await new Connections(await database.context()).load();
  const settings = { writeBackUrl: "nowhere", fetchUrl: "ftp://erp.example" };
  const refusal = await refusalOf(connections.add({ ...erp, settings, secrets: {} }, source));
  expect(refusal.status).toBe(422);
  expect(Object.keys(refusal.fields)).toEqual([
    "settings.writeBackUrl",
    "settings.fetchUrl",
    "secrets.webhookSecret",
  ]);
  expect(await refusalOf(connections.add({ ...erp, id: "No/Path" }, source))).toMatchObject({
    status: 422,
  });
  expect(await refusalOf(connections.add({ ...erp, system: "abacus" }, source))).toMatchObject({
    status: 422,
  });
  await connections.add(erp, source);
  expect(await refusalOf(connections.add(erp, source))).toMatchObject({ status: 409 });
});

test("a change keeps the secrets that were not given, and a pause lasts until it is ended", async () => {
  await using database = await openDatabase();
  const context = await database.context();
  const connections = await new Connections(context).load();
  await connections.add(
    { ...erp, secrets: { webhookSecret, writeBackSecret: webhookSecret } },
    source,
  );
  expect(connections.get("erp")?.connector.canWriteBack("dispute.opened")).toBe(false);
  const settings = { writeBackUrl: "https://erp.example/portal" };
  const anew = { settings, receivesDisputes: true, secrets: { writeBackSecret: webhookSecret } };
  const changed = await connections.update("erp", anew, source);
  expect(changed.receivesDisputes).toBe(true);
  expect(changed.connector.canWriteBack("dispute.opened")).toBe(true);
  await connections.pause("erp", source);
  expect((await new Connections(context).load()).get("erp")?.pausedAt).toBe(
    "2026-11-20T10:00:00.000Z",
  );
  await connections.resume("erp", source);
  expect(connections.get("erp")?.pausedAt).toBeNull();
  expect(await audits(context)).toEqual([
    "connection_added erp",
    "connection_changed erp",
    "connection_paused erp",
    "connection_resumed erp",
  ]);
  expect(await refusalOf(connections.pause("crm", source))).toMatchObject({ status: 404 });
});

test("the file is applied once, its variables filled in; what leaves it is paused", async () => {
  await using database = await openDatabase();
  const context = await database.context();
  const connections = await new Connections(context).load();
  const file = (secrets: object, id = "erp") =>
    JSON.stringify([{ id, system: "standard-webhooks", settings: {}, secrets }]);
  const lookUp = (name: string) => (name === "ERP_SECRET" ? webhookSecret : undefined);
  const text = file({ webhookSecret: ["env:ERP_SECRET"] });
  await connections.applyFile(text, lookUp);
  await connections.applyFile(text, lookUp);
  expect(connections.get("erp")).toMatchObject({ isFromFile: true, pausedAt: null });
  expect(await refusalOf(connections.update("erp", { name: "Mine" }, source))).toMatchObject({
    status: 409,
  });
  await connections.applyFile(file({ webhookSecret }, "second"), lookUp);
  expect(connections.get("erp")?.pausedAt).not.toBeNull();
  await connections.applyFile(text, lookUp);
  expect(connections.get("erp")?.pausedAt).toBeNull();
  expect(connections.get("second")?.pausedAt).not.toBeNull();
  expect(await audits(context)).toEqual([
    "connection_added erp",
    "connection_added second",
    "connection_paused erp",
    "connection_changed erp",
    "connection_paused second",
  ]);
});

test("a file with faults names all of them and changes nothing", async () => {
  await using database = await openDatabase();
  const connections = await new Connections(await database.context()).load();
  const text = JSON.stringify([
    { id: "erp", system: "standard-webhooks", secrets: { webhookSecret: "env:MISSING" } },
    { id: "Bad Id", system: "stripe" },
    { id: "pay", system: "stripe", settings: { timeZone: "Mars" }, secrets: {} },
    { id: "good", system: "stripe", secrets: { webhookSecret: "whsec_1" } },
    { id: "good", system: "stripe", secrets: { webhookSecret: "whsec_1" } },
  ]);
  const applied = connections.applyFile(text, () => undefined);
  await expect(applied).rejects.toThrow(
    /erp: env:MISSING is not set[^]*entry 2: id:[^]*pay: settings.timeZone:[^]*pay: secrets.webhookSecret:[^]*good: the id comes twice/,
  );
  expect(connections.list()).toEqual([]);
  await expect(connections.applyFile("{}", () => undefined)).rejects.toThrow("not a JSON array");
});

test("a new APP_SECRET in front takes over when everything was sealed anew; without the old one it is said clearly", async () => {
  await using database = await openDatabase();
  const [old, fresh] = [
    "first-secret-of-at-least-32-characters",
    "fresh-secret-of-at-least-32-characters",
  ];
  await (await new Connections(await database.context(old)).load()).add(erp, source);
  await expect(new Connections(await database.context(fresh)).load()).rejects.toThrow(
    "The secrets of erp were sealed under another APP_SECRET",
  );
  const both = await new Connections(await database.context(`${fresh},${old}`)).load();
  expect((await new Connections(await database.context(old)).load()).get("erp")).toBeDefined();
  await both.reseal();
  expect((await new Connections(await database.context(fresh)).load()).get("erp")).toBeDefined();
});

test("testing a connection asks the system, within the addresses that are allowed", async () => {
  await using database = await openDatabase();
  await using system = await startStandIn(() => ({ status: 200, body: { data: [], next: null } }));
  const connections = await new Connections(await database.context()).load();
  await connections.add({ ...erp, settings: { fetchUrl: system.url } }, source);
  expect(await connections.test("erp")).toBe("The fetch address answers and takes our token");
  await connections.update("erp", { settings: { fetchUrl: "http://10.0.0.1" } }, source);
  await expect(connections.test("erp")).rejects.toThrow(UpstreamError);
  await connections.close();
});

async function refusalOf(work: Promise<unknown>): Promise<RequestError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof RequestError) return error;
    throw error;
  }
  throw new Error("It was not refused");
}
