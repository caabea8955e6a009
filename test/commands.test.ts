import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { z } from "zod";
import { connect } from "#db/connect.ts";
import { runCommand } from "#server/commands/program.ts";
import { databaseOf, onPostgres } from "#test/support/database.ts";
import { tamper } from "#test/support/tamper.ts";

const folder = await mkdtemp(join(tmpdir(), "commands-"));
afterAll(() => rm(folder, { recursive: true }));

const environment = {
  DATA_DIR: folder,
  DATABASE_URL: (await databaseOf(folder)).url,
  LOG_LEVEL: "silent",
  ERP_SECRET: `whsec_${Buffer.alloc(32, 1).toString("base64")}`,
};

async function portal(...args: string[]) {
  let [out, err] = ["", ""];
  const code = await runCommand(args, {
    environment,
    out: (text) => (out += text),
    err: (text) => (err += text),
  });
  return { code, out, err };
}

async function json<Schema extends z.ZodType>(schema: Schema, ...args: string[]) {
  const { code, out, err } = await portal(...args, "--json");
  expect(err).toBe("");
  expect(code).toBe(0);
  return schema.parse(JSON.parse(out));
}

const Key = z.object({
  id: z.string(),
  name: z.string(),
  role: z.string(),
  customer: z.string().nullable(),
  key: z.string(),
});

test("a fresh portal gets its first administrator, who gets a way in that works in any browser", async () => {
  const added = await portal(
    "staff",
    "add",
    "--email",
    "Ann@kestrel.example",
    "--name",
    "Ann",
    "--role",
    "administrator",
  );
  expect(added).toMatchObject({ code: 0, err: "" });
  const link = await json(
    z.object({ url: z.url() }),
    "login-link",
    "--email",
    "ann@kestrel.example",
  );
  expect(new URL(link.url).pathname).toBe("/sign-in/confirm");
});

test("a link for nobody is refused in plain words, with exit code 1", async () => {
  const refused = await portal("login-link", "--email", "nobody@kestrel.example");
  expect(refused.code).toBe(1);
  expect(refused.err).toContain("Nobody here has the address nobody@kestrel.example");
});

test("every system comes with its settings and secrets as JSON Schema", async () => {
  const Schema = z.object({
    type: z.literal("object"),
    properties: z.record(z.string(), z.unknown()),
  });
  const Schemas = z.object({ settings: Schema, secrets: Schema });
  const listed = await json(
    z.array(Schemas.extend({ system: z.string(), app: Schemas.optional() })),
    "connector",
    "list",
  );
  const generic = listed.find(({ system }) => system === "standard-webhooks");
  expect(Object.keys(generic?.settings.properties ?? {})).toContain("writeBackUrl");
  expect(Object.keys(generic?.secrets.properties ?? {})).toContain("webhookSecret");
  const xero = listed.find(({ system }) => system === "xero");
  expect(Object.keys(xero?.app?.settings.properties ?? {})).toContain("clientId");
  expect(Object.keys(xero?.app?.secrets.properties ?? {})).toContain("webhookKey");
  expect((await portal("connector", "list")).out).toContain("webhookKey, clientSecret");
});

test("a connection is added with a secret from the environment, listed, and removed", async () => {
  const about = ["--id", "erp", "--system", "standard-webhooks"];
  const secrets = ["--secrets", '{"webhookSecret":"env:ERP_SECRET"}'];
  const added = await json(z.object({ url: z.url() }), "connection", "add", ...about, ...secrets);
  expect(new URL(added.url).pathname).toBe("/webhooks/erp");
  const twice = await portal("connection", "add", ...about, ...secrets);
  expect(twice).toMatchObject({ code: 1, err: "erp exists already\n" });
  expect((await portal("connection", "list")).out).not.toContain(environment.ERP_SECRET);
  expect((await portal("connection", "test", "erp")).code).toBe(0);
  expect((await portal("connection", "remove", "erp")).code).toBe(0);
  expect(await json(z.array(z.unknown()), "connection", "list")).toEqual([]);
});

test("a connections file is applied, pauses what it no longer names, and cannot be undone by hand", async () => {
  const file = join(folder, "connections.json");
  const erp = {
    id: "from-file",
    system: "standard-webhooks",
    secrets: { webhookSecret: "env:ERP_SECRET" },
  };
  const Listed = z.array(
    z.object({ id: z.string(), pausedAt: z.string().nullable(), fromFile: z.boolean() }),
  );
  await writeFile(file, JSON.stringify([erp]));
  const [applied] = await json(Listed, "connection", "apply", file);
  expect(applied).toEqual({ id: "from-file", pausedAt: null, fromFile: true });
  expect((await portal("connection", "remove", "from-file")).code).toBe(1);
  await writeFile(file, "[]");
  const [paused] = await json(Listed, "connection", "apply", file);
  expect(paused?.pausedAt).not.toBeNull();
});

test("a customer is made with its first person, and listed", async () => {
  const invited = await json(
    z.object({ customer: z.string() }),
    "customer",
    "invite",
    "--create",
    "Meridian",
    "--email",
    "ines@meridian.example",
    "--name",
    "Ines de Wolf",
    "--role",
    "owner",
  );
  const customers = await json(
    z.array(z.object({ id: z.string(), name: z.string() })),
    "customer",
    "list",
    "--search",
    "meri",
  );
  expect(customers).toEqual([{ id: invited.customer, name: "Meridian" }]);
});

test("a key is shown once, listed without its secret, and revoked", async () => {
  const made = await json(Key, "api-key", "create", "--name", "Warehouse", "--role", "auditor");
  expect(made).toMatchObject({ name: "Warehouse", role: "auditor", customer: null });
  expect((await portal("api-key", "list")).out).toContain(made.id);
  expect((await portal("api-key", "list")).out).not.toContain(made.key);
  expect((await portal("api-key", "revoke", made.id)).code).toBe(0);
  expect((await portal("api-key", "revoke", made.id)).code).toBe(1);
});

test("a customer's key names an existing customer", async () => {
  const refused = await portal("api-key", "create", "--name", "X", "--customer", "cus_nobody");
  expect(refused).toMatchObject({ code: 1, err: "There is no such customer\n" });
});

test("the ledger is verified, exported and rebuilt", async () => {
  const Verdict = z.object({ ok: z.boolean(), events: z.number() });
  const { ok, events } = await json(Verdict, "ledger", "verify");
  expect(ok).toBe(true);
  expect(events).toBeGreaterThan(0);
  const file = join(folder, "ledger.jsonl");
  expect((await portal("ledger", "export", "--to", file)).code).toBe(0);
  // The export tells of itself in its last line.
  expect((await readFile(file, "utf8")).trimEnd().split("\n")).toHaveLength(events + 1);
  expect((await portal("ledger", "export", "--to", file)).code).toBe(1);
  const today = new Date().toISOString().slice(0, 10);
  const linesOf = async (name: string, ...bounds: string[]) => {
    const to = join(folder, name);
    const { code, err } = await portal("ledger", "export", "--to", to, ...bounds);
    expect(err).toBe("");
    expect(code).toBe(0);
    return (await readFile(to, "utf8")).split("\n").length - 1;
  };
  const all = await linesOf("all.jsonl");
  expect(await linesOf("days.jsonl", "--from", "2026-01-01", "--until", today)).toBe(all + 1);
  expect(await linesOf("past.jsonl", "--until", "2025-12-31")).toBe(0);
  const wrong = await portal("ledger", "export", "--to", file, "--from", "yesterday");
  expect(wrong.err).toContain("--from: write a day like 2026-01-31");
  expect((await portal("ledger", "rebuild")).out).toContain("nothing differed");
});

test.runIf(onPostgres)("a backup is left to the tools of PostgreSQL, in plain words", async () => {
  const refused = await portal("backup");
  expect(refused.code).toBe(1);
  expect(refused.err).toContain("pg_dump");
});

test.skipIf(onPostgres)(
  "a backup is a whole portal: it opens, and its ledger verifies",
  async () => {
    const Backup = z.object({ file: z.string(), events: z.number() });
    const { file, events } = await json(Backup, "backup");
    expect(events).toBeGreaterThan(0);
    const copy = connect(`file:${file}`);
    const users = await copy.db.selectFrom("user").select("email").execute();
    await copy.close();
    expect(users.map(({ email }) => email)).toContain("ann@kestrel.example");
    expect((await portal("backup", "--to", file)).code).toBe(1);
  },
);

test.skipIf(onPostgres)("a changed row of the ledger is found, with exit code 1", async () => {
  const spoiled = join(folder, "spoiled");
  const { file } = await json(z.object({ file: z.string() }), "backup", "--to", `${spoiled}.db`);
  await tamper(`file:${file}`, [
    "update events set data = replace(data, 'Ann', 'Bob') where sequence = 1",
    "update events set commitment = 'x' where sequence = 2",
  ]);
  let out = "";
  const code = await runCommand(["ledger", "verify"], {
    environment: { ...environment, DATABASE_URL: `file:${file}` },
    out: (text) => (out += text),
    err: (text) => (out += text),
  });
  expect(code).toBe(1);
  expect(out).toMatch(/^Event [12]: /);
});

test("what does not exist is said so", async () => {
  expect(await portal("delivery", "show", "99")).toMatchObject({
    code: 1,
    err: "There is no such delivery\n",
  });
  expect((await portal("delivery", "replay", "ninety")).code).toBe(1);
  expect((await portal("outbox", "retry", "obx_none")).code).toBe(1);
  expect((await portal("no-such-command")).code).toBe(1);
});

test("what is wrong is named, with --json for programs too", async () => {
  const role = await portal("staff", "add", "--email", "a@b.example", "--name", "A", "--role", "x");
  expect(role.err).toMatch(/^--role: /);
  expect((await portal("delivery", "list", "--state", "nice")).err).toMatch(/^--state: /);
  expect((await portal("outbox", "list", "--view", "nice")).err).toMatch(/^--view: /);
  const about = ["--email", "a@b.example", "--name", "A"];
  expect((await portal("customer", "invite", ...about)).err).toContain(
    "--customer ID, or --create",
  );
  const asJson = await portal("delivery", "list", "--state", "nice", "--json");
  expect(asJson).toMatchObject({ code: 1, out: "" });
  const told = z.object({ error: z.string(), fields: z.object({ state: z.string() }) });
  expect(told.parse(JSON.parse(asJson.err)).error).toContain("waiting");
});

test("a key may end by itself, which create answers without and list tells", async () => {
  const expires = ["--role", "finance", "--expires", "2099-12-31"];
  const made = await json(Key.strict(), "api-key", "create", "--name", "Until then", ...expires);
  const Listed = z.array(z.object({ id: z.string(), expiresAt: z.string().nullable() }));
  const keys = await json(Listed, "api-key", "list");
  const { expiresAt } = keys.find(({ id }) => id === made.id) ?? {};
  expect(expiresAt).toBe("2100-01-01T00:00:00.000Z");
  const about = ["--name", "n", "--role", "finance"];
  const past = await portal("api-key", "create", ...about, "--expires", "2020-01-01");
  expect(past).toMatchObject({ code: 1, err: "This day is over\n" });
  const nothing = await portal("api-key", "create", "--name", "n");
  expect(nothing).toMatchObject({ code: 1, err: "Say what it may do: --role, or --customer\n" });
});

test("the help of every command shows how it is typed", async () => {
  const overview = await portal("--help");
  const names = [...overview.out.matchAll(/^ {2}([a-z][a-z-]*) /gm)].map(([, name = ""]) => name);
  expect(names.length).toBeGreaterThan(10);
  for (const name of names.filter((each) => each !== "help")) {
    const { out } = await portal(name, "--help");
    const below = [...out.slice(out.indexOf("Commands:")).matchAll(/^ {2}([a-z][a-z-]*) /gm)];
    const leaves = out.includes("Commands:")
      ? below.map(([, each = ""]) => [name, each])
      : [[name]];
    for (const leaf of leaves.filter((each) => each.at(-1) !== "help")) {
      const help = await portal(...leaf, "--help");
      expect(help.out, leaf.join(" ")).toContain(`npm run -s portal -- ${leaf.join(" ")}`);
      expect(help.out).toContain("--json");
    }
  }
});

test("the doctor names each thing that it looked at", async () => {
  const { out } = await portal("doctor");
  for (const name of ["database", "disk", "deliveries", "outbox", "mail"])
    expect(out).toContain(name);
});

test.skipIf(onPostgres)(
  "a command in the wrong folder makes no database, and says what is missing",
  async () => {
    const nowhere = join(folder, "typo");
    const run = async (...args: string[]) => {
      let err = "";
      const code = await runCommand(args, {
        environment: { DATA_DIR: nowhere, LOG_LEVEL: "silent" },
        out: () => {},
        err: (text) => (err += text),
      });
      return { code, err };
    };
    for (const args of [["ledger", "verify"], ["backup"], ["doctor"], ["customer", "list"]]) {
      const { code, err } = await run(...args);
      expect(code, args.join(" ")).toBe(1);
      expect(err).toContain(join(nowhere, "portal.db"));
      expect(existsSync(nowhere)).toBe(false);
    }
    expect((await run("connector", "list")).code).toBe(0);
    const staff = ["staff", "add", "--email", "a@kestrel.example", "--name", "A"];
    expect((await run(...staff)).code).toBe(0);
    expect((await run("ledger", "verify")).code).toBe(0);
  },
);

test("a command that opens no secret needs no APP_SECRET", async () => {
  const secrets = JSON.stringify({ webhookSecret: "env:ERP_SECRET" });
  const add = ["connection", "add", "--id", "sealed", "--system", "standard-webhooks"];
  expect((await portal(...add, "--secrets", secrets)).code).toBe(0);
  const run = async (...args: string[]) => {
    let err = "";
    const APP_SECRET = "another secret that is long enough for anybody";
    const given = { ...environment, APP_SECRET };
    const take = (text: string) => (err += text);
    return { code: await runCommand(args, { environment: given, out: () => {}, err: take }), err };
  };
  for (const args of [
    ["ledger", "verify"],
    ["delivery", "list"],
    ["outbox", "list"],
  ]) {
    expect(await run(...args)).toEqual({ code: 0, err: "" });
  }
  const { code, err } = await run("connection", "list");
  expect(code).toBe(1);
  expect(err).toContain("use the server's");
  expect((await portal("connection", "remove", "sealed")).code).toBe(0);
});

test("with --json a wrong command line is refused in JSON, and in nothing else", async () => {
  for (const args of [["nothing"], ["staff", "add"], ["api-key", "create", "--nonsense", "x"]]) {
    for (const given of [
      [...args, "--json"],
      ["--json", ...args],
    ]) {
      const { code, out, err } = await portal(...given);
      expect(code).toBe(1);
      expect(out).toBe("");
      expect(JSON.parse(err)).toMatchObject({ error: expect.any(String), fields: {} });
    }
  }
});

test("an invitation that names an unknown record makes no customer, and records can be listed", async () => {
  const person = ["--email", "zoe@zebra.example", "--name", "Zoe"];
  const { code, err } = await portal(
    "customer",
    "invite",
    "--create",
    "Zebra",
    "--record",
    "no",
    ...person,
  );
  expect([code, err]).toEqual([1, "There is no customer record no\n"]);
  const List = z.array(z.object({ name: z.string() }));
  expect(await json(List, "customer", "list", "--search", "zebra")).toEqual([]);
  expect((await portal("customer", "list", "--search", "zebra")).out).toBe(
    "No customer is named zebra\n",
  );
  expect(await json(z.array(z.unknown()), "customer", "records")).toEqual([]);
});

test("invented invoices go into a real ledger only when its host is typed again", async () => {
  const url = ["--url", "https://portal.example"];
  const { code, err } = await portal("simulate", "standard-webhooks", "issued", ...url);
  expect(code).toBe(1);
  expect(err).toContain("--into-ledger-of portal.example");
});
