import type { Command } from "commander";
import { createKey, KeyForm, listKeys, revokeKey } from "#server/finance/api-keys.ts";
import { readInput } from "./input.ts";
import { commandLine, type Run } from "./open.ts";
import { table } from "./say.ts";

interface CreateOptions {
  name: string;
  role?: string;
  customer?: string;
  expires?: string;
}

/** `api-key create|revoke|list`: keys for programs that call /api/v1. */
export function addApiKeyCommands(program: Command, run: Run): void {
  const key = program.command("api-key").description("keys for programs that call the API");
  key
    .command("create")
    .description("make a key; it is shown once")
    .requiredOption("--name <name>", "the program that uses it")
    .option("--role <role>", "finance, auditor or administrator (finance)")
    .option("--customer <id>", "a key that sees this customer alone")
    .action((options: CreateOptions) =>
      run(async (portal) => {
        const { name, customer = "", expires = "" } = options;
        const role = options.role ?? (customer === "" ? "finance" : "customer");
        const form = readInput(KeyForm, { name, customer, role, expires });
        const data = await createKey(portal, commandLine, form);
        return { data, text: `${data.key}\nKeep it: it is not shown again. Its id is ${data.id}.` };
      }),
    );
  key
    .command("revoke <id>")
    .description("end a key at once")
    .action((id: string) =>
      run(async (portal) => {
        await revokeKey(portal, commandLine, id);
        return { data: { id, revoked: true }, text: `${id} is revoked` };
      }),
    );
  key
    .command("list")
    .description("every key without its secret")
    .action(() =>
      run(async (portal) => {
        const data = await listKeys(portal);
        const rows = data.map((key) => ({
          ...key,
          expiresAt: key.expiresAt ?? "never",
          lastUsedAt: key.lastUsedAt ?? "never",
        }));
        return { data, text: table(rows, "There is no key yet") };
      }),
    );
}
