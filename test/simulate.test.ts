import { expect, test } from "vitest";
import { z } from "zod";
import { runCommand } from "#server/commands/program.ts";
import { connectors } from "#server/connectors/index.ts";
import { databaseOf } from "./support/database.ts";
import { startTestPortal, type TestPortal, webhookSecret } from "./support/start-portal.ts";

const secrets = { webhookSecret };
const connections = [
  { id: "erp", system: "standard-webhooks", secrets },
  { id: "second", system: "standard-webhooks", secrets },
  { id: "stripe", system: "stripe", secrets: { webhookSecret: "whsec_simulated" } },
  { id: "odoo", system: "odoo", secrets: { webhookSecret: "a-secret-of-the-test" } },
];

/** Runs `portal simulate …` beside a running portal. */
async function simulate({ dataDir, url }: Pick<TestPortal, "dataDir" | "url">, ...args: string[]) {
  let [out, err] = ["", ""];
  const code = await runCommand(["simulate", ...args, "--url", url], {
    environment: {
      DATA_DIR: dataDir,
      DATABASE_URL: (await databaseOf(dataDir)).url,
      LOG_LEVEL: "silent",
      APP_SECRET: "a secret of the tests that is long enough",
    },
    out: (text) => (out += text),
    err: (text) => (err += text),
  });
  return { code, out, err };
}

const Answered = z.object({
  connection: z.string(),
  seed: z.int(),
  sent: z.array(z.object({ seed: z.int(), status: z.int() })),
});

test("each story of each system ends in the ledger, marked as simulated for good", async () => {
  await using portal = await startTestPortal({ connections });
  const stories: [system: string, scenario: string, number: string, status: string][] = [
    ["standard-webhooks", "paid", "INV-000001", "paid"],
    ["standard-webhooks", "voided", "INV-000002", "void"],
    ["stripe", "partly-paid", "SIM-000003", "partially_paid"],
    ["stripe", "voided", "SIM-000004", "void"],
    ["odoo", "paid", "INV/2026/000005", "paid"],
    ["odoo", "cancelled", "INV/2026/000006", "void"],
    ["odoo", "credited", "INV/2026/000007", "partially_paid"],
  ];
  for (const [at, [system, scenario]] of stories.entries()) {
    const named = system === "standard-webhooks" ? ["--connection", "erp"] : [];
    const seed = ["--seed", String(at + 1)];
    const { code, out, err } = await simulate(
      portal,
      system,
      scenario,
      ...seed,
      ...named,
      "--json",
    );
    expect({ code, err }, scenario).toEqual({ code: 0, err: "" });
    expect(Answered.parse(JSON.parse(out)).seed).toBe(at + 1);
  }
  await portal.settled();
  for (const [system, scenario, number, status] of stories) {
    const invoice = await portal.portal.db
      .selectFrom("invoices")
      .select("status")
      .where("number", "=", number)
      .executeTakeFirst();
    expect(invoice, `${system} ${scenario}`).toEqual({ status });
    for (const { source } of await portal.events(number)) {
      expect(source).toMatchObject({ kind: "connection", simulated: true });
    }
  }
});

test("many are sent at once, and the same seed again changes nothing", async () => {
  await using portal = await startTestPortal({ connections });
  const asked = ["stripe", "finalized", "--count", "3", "--seed", "40", "--json"];
  const { sent } = Answered.parse(JSON.parse((await simulate(portal, ...asked)).out));
  expect(sent.map(({ seed }) => seed)).toEqual([40, 41, 42]);
  await portal.settled();
  const events = (await portal.events()).length;
  await simulate(portal, ...asked);
  await portal.settled();
  expect(await portal.events()).toHaveLength(events);
  const again = await simulate(portal, "stripe", "finalized", "--json");
  expect(Answered.parse(JSON.parse(again.out)).seed).toBeGreaterThan(42);
});

test("what can be simulated is listed, for one system or for all", async () => {
  await using portal = await startTestPortal({ connections });
  const all = await simulate(portal);
  for (const [system, { scenarios }] of connectors) {
    expect(scenarios.length, system).toBeGreaterThan(0);
    for (const scenario of scenarios)
      expect(all.out).toMatch(new RegExp(`${system} +${scenario}\\n`));
  }
  const one = await simulate(portal, "odoo");
  expect(one.out).toContain("automation-rule");
  expect(one.out).not.toContain("stripe");
});

test("what cannot be sent is said in plain words", async () => {
  await using portal = await startTestPortal({ connections: connections.slice(0, 3) });
  const refused = async (...args: string[]) => {
    const { code, err } = await simulate(portal, ...args);
    expect(code).toBe(1);
    return err;
  };
  expect(await refused("sap", "issued")).toContain(
    "There is no system sap: choose standard-webhooks",
  );
  expect(await refused("stripe", "bankrupt")).toContain(
    "stripe has no scenario bankrupt: choose finalized",
  );
  expect(await refused("odoo", "paid")).toContain("No odoo is connected");
  expect(await refused("stripe", "paid", "--connection", "erp")).toContain(
    "There is no stripe erp",
  );
  expect(await refused("standard-webhooks", "paid")).toContain(
    "(erp, second): name one with --connection",
  );
  expect(await refused("stripe", "paid", "--count", "0")).toContain(
    '"0" is not a positive whole number',
  );
  const nowhere = { ...portal, url: "http://127.0.0.1:1" };
  expect(await simulate(nowhere, "stripe", "paid")).toMatchObject({
    code: 1,
    err: expect.stringContaining("No portal answers at http://127.0.0.1:1/webhooks/stripe"),
  });
});

test("a portal that refuses is shown with its answer, and the command fails", async () => {
  await using portal = await startTestPortal({ connections });
  await using other = await startTestPortal({
    connections: [{ id: "stripe", system: "stripe", secrets: { webhookSecret: "whsec_other" } }],
  });
  const { code, out } = await simulate({ ...portal, url: other.url }, "stripe", "finalized");
  expect(code).toBe(1);
  expect(out).toContain("401");
});
