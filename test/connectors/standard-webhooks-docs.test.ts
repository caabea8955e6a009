import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { startTestPortal, webhookSecret } from "#test/support/start-portal.ts";

const run = promisify(execFile);
const page = join(import.meta.dirname, "../../docs/connectors/standard-webhooks.md");

test("the shell example of the documentation delivers an invoice", async () => {
  await using portal = await startTestPortal();
  const [, example = ""] = /The same by shell:\s+```sh\n([^]*?)```/.exec(readFileSync(page, "utf8")) ?? [];
  const script = example.replace("https://portal.example.com", portal.url);
  expect(script).toContain(`url=${portal.url}/webhooks/erp`);
  const env = { ...process.env, ERP_SECRET: webhookSecret };
  const { stdout } = await run("sh", ["-c", script], { env });
  expect(stdout).toBe("204\n");
  await portal.settled();
  expect(await portal.events("INV-1001", "invoice.issued")).toHaveLength(1);
});
