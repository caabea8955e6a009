import { execFileSync, spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readConfig } from "#server/config.ts";

const example = await readFile(".env.example", "utf8");
const assignment = /^#?([A-Z_]+)=(.*)$/;
const folder = await mkdtemp(join(tmpdir(), "env-"));
afterAll(() => rm(folder, { recursive: true }));

/** The example with every line in effect, and something behind each "=". */
const filled = example.replaceAll(
  new RegExp(assignment, "gm"),
  (_line, name: string, value: string) => `${name}=${value || "f".repeat(32)}`,
);
const given = new Map(
  filled.split("\n").flatMap((line) => {
    const [, name, value] = assignment.exec(line) ?? [];
    return name === undefined || value === undefined ? [] : [[name, unquoted(value)] as const];
  }),
);

function unquoted(value: string): string {
  return /^".*"$/.test(value) ? value.slice(1, -1) : value;
}

const shells = ["sh", "bash"].filter((shell) => spawnSync(shell, ["-c", "exit"]).status === 0);

test.each(shells)("%s loads every line of the example as its first line says", async (shell) => {
  await writeFile(join(folder, ".env"), filled);
  const load = `set -a; . ./.env; set +a; exec "$0" -e 'console.log(JSON.stringify(process.env))'`;
  const { status, stdout, stderr } = spawnSync(
    "env",
    ["-i", shell, "-ec", load, process.execPath],
    // Bash reads the caller's own settings when it is asked through a socket.
    { stdio: ["ignore", "pipe", "pipe"], cwd: folder, encoding: "utf8" },
  );
  expect(stderr).toBe("");
  expect(status).toBe(0);
  const loaded: Record<string, string> = JSON.parse(stdout);
  for (const [name, value] of given) expect(loaded[name], name).toBe(value);
  expect(readConfig(loaded)).toMatchObject({
    production: true,
    publicUrl: "https://invoices.example.com",
    mailFrom: "Example Invoices <invoices@example.com>",
    rehearsal: true,
  });
});

test("what a shell would read otherwise than systemd is quoted or not there", () => {
  for (const [name, value] of given) {
    expect(value, name).not.toMatch(/[$`\\"']/);
    const isPlain = /^[\w./:,@+=-]*$/.test(value);
    expect(filled.split("\n"), name).toContain(isPlain ? `${name}=${value}` : `${name}="${value}"`);
  }
});

test("the example names every variable that the portal reads", async () => {
  const configuration = await readFile("docs/configuration.md", "utf8");
  const rows = [...configuration.matchAll(/^\| (`[A-Z_`, ]+`) +\|/gm)].map(([, cell = ""]) => cell);
  const told = rows.flatMap((cell) => cell.match(/[A-Z_]+/g) ?? []);
  expect(told.length).toBeGreaterThan(10);
  expect([...given.keys()].toSorted()).toEqual(told.toSorted());
});

test("the README's way of writing the secret into the file works", async () => {
  const readme = await readFile("README.md", "utf8");
  const [, command = ""] = /^(sed -i .*\.env)$/m.exec(readme) ?? [];
  await writeFile(join(folder, ".env"), example);
  execFileSync("sh", ["-ec", command], { cwd: folder });
  expect(await readFile(join(folder, ".env"), "utf8")).toMatch(/^APP_SECRET=[0-9a-f]{64}$/m);
});
