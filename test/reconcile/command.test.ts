import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { runCommand } from "#server/commands/program.ts";
import { startStandIn } from "../connectors/stand-in.ts";
import { databaseOf } from "../support/database.ts";
import { webhookSecret } from "../support/start-portal.ts";

let dataDir = "";
let url = "";
let drop: () => Promise<void> = async () => {};

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "reconcile-"));
  ({ url, drop } = await databaseOf(dataDir));
});

afterAll(async () => {
  await drop();
  await rm(dataDir, { recursive: true });
});

async function portal(...args: string[]) {
  const said = { out: "", err: "" };
  const environment = {
    ...{ NODE_ENV: "test", DATA_DIR: dataDir, DATABASE_URL: url, OUTBOUND_ALLOW: "127.0.0.0/8" },
    ...{ APP_SECRET: "a secret of the tests that is long enough", LOG_LEVEL: "silent" },
  };
  const out = (text: string) => void (said.out += text);
  const err = (text: string) => void (said.err += text);
  const code = await runCommand(args, { environment, out, err });
  return { code, ...said };
}

const Runs = z.array(
  z.object({
    connection: z.string(),
    state: z.string(),
    read: z.int(),
    differed: z.int(),
    error: z.string().nullable(),
  }),
);

test("a command reads one connection or all, and says where it stopped", async () => {
  const invoice = {
    ...{ id: "in_1", number: "INV-1", version: 1, status: "open", currency: "EUR" },
    ...{ customer: { id: "C-1", name: "Kestrel" }, total: "10.00", balance: "10.00" },
  };
  let status = 200;
  await using erp = await startStandIn(() => ({ status, body: { data: [invoice], next: null } }));
  const settings = JSON.stringify({ fetchUrl: erp.url });
  const secrets = JSON.stringify({ webhookSecret });
  const system = ["--system", "standard-webhooks", "--secrets", secrets];
  await portal("connection", "add", "--id", "erp", ...system, "--settings", settings);
  await portal("connection", "add", "--id", "mute", ...system);
  const first = await portal("reconcile", "--json");
  expect(Runs.parse(JSON.parse(first.out))).toEqual([
    { connection: "erp", state: "complete", read: 1, differed: 1, error: null },
  ]);
  expect(first.code).toBe(0);
  status = 503;
  const second = await portal("reconcile", "--connection", "erp", "--json");
  const [stopped] = Runs.parse(JSON.parse(second.out));
  expect(stopped).toMatchObject({ state: "stopped; goes on from there" });
  expect(stopped?.error).toContain("answered 503");
  expect(second.code).toBe(1);
  expect(await portal("reconcile", "--connection", "mute")).toMatchObject({ code: 1 });
  expect(await portal("reconcile", "--connection", "none")).toMatchObject({ code: 1 });
});
