import type { Command } from "commander";
import { createKey, KeyForm, listKeys, revokeKey } from "#server/access/api-keys.ts";
import { roleWords } from "#server/api/rights.ts";
import { RequestError } from "#server/errors.ts";
import { readInput } from "./input.ts";
import { commandLine, type Run } from "./open.ts";
import { table } from "./say.ts";

/** The roles with what each is for; a customer's key is made with --customer. */
function rolesOf(): string {
  const { customer: _, ...roles } = roleWords;
  const words = Object.entries(roles).map(([role, text]) => `${role} (${text})`);
  return words.join(", ");
}

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
    .option("--role <role>", rolesOf())
    .option("--customer <id>", "a key that sees this customer alone")
    .option(
      "--expires <day>",
      "its last day in UTC, e.g. 2027-12-31; otherwise until it is revoked",
    )
    .action((options: CreateOptions) =>
      run(async (portal) => {
        const { name, customer = "", expires = "" } = options;
        const role = options.role ?? (customer === "" ? undefined : "customer");
        if (role === undefined)
          throw new RequestError(422, "Say what it may do: --role, or --customer");
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
