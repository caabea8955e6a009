import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { z } from "zod";
import { removeConnection } from "#server/connections/disconnect.ts";
import { connectionsWithHealth } from "#server/connections/connection-health.ts";
import { RequestError } from "#server/errors.ts";
import type { Portal } from "#server/portal-context.ts";
import { commandLine, type Run } from "./open.ts";
import { table } from "./say.ts";

const Values = z.record(z.string(), z.unknown());
interface AddOptions {
  id: string;
  system: string;
  name?: string;
  settings: string;
  secrets: string;
  receivesDisputes?: boolean;
  app?: string;
  account?: string;
}

/** `connection list|add|apply|test|remove`. A running server sees a change at its next start or reload. */
export function addConnectionCommands(
  program: Command,
  run: Run,
  environment: Record<string, string | undefined>,
): void {
  const connection = program.command("connection").description("the configured systems");
  connection
    .command("list")
    .description("every connection and how it is doing")
    .action(() => run(list, { opensSecrets: true }));
  connection
    .command("add")
    .description("add one connection")
    .requiredOption("--id <id>", "lower-case letters, digits and hyphens")
    .requiredOption("--system <system>", "as `connector list` names it")
    .option("--name <name>", "how people call it")
    .option("--settings <json>", "a JSON object", "{}")
    .option("--secrets <json>", 'a JSON object; "env:NAME" is read from the environment', "{}")
    .option("--receives-disputes", "also told of disputes that another connection owns")
    .option("--app <id>", "of an organisation: the connection of its vendor's app")
    .option("--account <account>", "of an organisation: the vendor's id of it")
    .action((options: AddOptions) =>
      run((portal) => add(portal, options, environment), {
        makesDatabase: true,
        opensSecrets: true,
      }),
    );
  addChangingCommands(connection, run, environment);
}

function addChangingCommands(
  connection: Command,
  run: Run,
  environment: Record<string, string | undefined>,
): void {
  connection
    .command("apply <file>")
    .description("add, change and pause connections as a file says (CONNECTIONS_FILE)")
    .action((file: string) =>
      run(
        async (portal) => {
          const text = await readFile(file, "utf8");
          await portal.connections.applyFile(text, (name) => environment[name]);
          return list(portal);
        },
        { makesDatabase: true, opensSecrets: true },
      ),
    );
  connection
    .command("test <id>")
    .description("make a cheap call to the system")
    .action((id: string) =>
      run(
        async ({ connections }) => {
          const answer = await connections.test(id);
          return { data: { id, ok: true, answer }, text: answer };
        },
        { opensSecrets: true },
      ),
    );
  connection
    .command("remove <id>")
    .description("forget settings and secrets; deliveries, invoices and ledger stay")
    .action((id: string) => run((portal) => remove(portal, id), { opensSecrets: true }));
}

async function list(portal: Portal) {
  const rows = await connectionsWithHealth(portal);
  const data = rows.map((row) => ({
    id: row.id,
    system: row.system,
    name: row.name,
    kind: row.kind,
    app: row.app,
    account: row.account,
    health: row.health,
    fault: row.fault,
    pausedAt: row.paused_at,
    fromFile: row.from_file_at !== null,
    receivesDisputes: row.receives_disputes_at !== null,
    lastDeliveryAt: row.last_delivery_at,
    delivered: row.delivered,
    refused: row.refused,
    rejected: row.rejected,
    // An organisation's deliveries come to its app.
    url: `${portal.config.publicUrl}/webhooks/${row.app ?? row.id}`,
  }));
  const shown = data.map(({ id, system, name, health, rejected, lastDeliveryAt, url }) => ({
    id,
    system,
    name,
    health: rejected === 0 ? health : `${health}, ${rejected} not used`,
    lastDelivery: lastDeliveryAt ?? "never",
    url,
  }));
  return { data, text: table(shown, "No system is connected yet") };
}

async function add(
  portal: Portal,
  options: AddOptions,
  environment: Record<string, string | undefined>,
) {
  const { id, system, name, receivesDisputes = false, app, account } = options;
  const input = {
    id,
    system,
    receivesDisputes,
    ...(app !== undefined && { app }),
    ...(account !== undefined && { account }),
    settings: readValues("settings", options.settings),
    secrets: fromEnvironment(readValues("secrets", options.secrets), environment),
    ...(name !== undefined && { name }),
  };
  const added = await portal.connections.add(input, commandLine);
  const url = `${portal.config.publicUrl}/webhooks/${added.id}`;
  const data = { id: added.id, system, name: added.name, url };
  return { data, text: `${added.name} is connected. Its webhooks go to ${url}` };
}

async function remove(portal: Portal, id: string) {
  const name = portal.connections.get(id)?.name ?? id;
  const fault = await removeConnection(portal, commandLine, id);
  const text = `${name} is no longer connected`;
  const data = { id, removed: true, fault };
  return { data, text: fault === null ? text : `${text}. ${fault}` };
}

function readValues(option: string, text: string): Record<string, unknown> {
  try {
    return Values.parse(JSON.parse(text));
  } catch (cause) {
    throw new RequestError(422, `--${option} is not a JSON object like {"name": "value"}`, {
      cause,
    });
  }
}

/** Secrets may stand in the environment, so that they stay out of the shell's history. */
function fromEnvironment(
  secrets: Record<string, unknown>,
  environment: Record<string, string | undefined>,
): Record<string, unknown> {
  const read = ([key, value]: [string, unknown]): [string, unknown] => {
    if (typeof value !== "string" || !value.startsWith("env:")) return [key, value];
    const found = environment[value.slice("env:".length)];
    if (found) return [key, found];
    throw new RequestError(422, `${key}: the environment has no ${value.slice("env:".length)}`);
  };
  return Object.fromEntries(Object.entries(secrets).map(read));
}
