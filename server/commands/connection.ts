import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { z } from "zod";
import { deleteConnection } from "#db/queries/connections.ts";
import { connectionsWithHealth } from "#server/finance/connection-health.ts";
import { audited } from "#server/finance/audited.ts";
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
    .action(() => run(list));
  connection
    .command("add")
    .description("add one connection")
    .requiredOption("--id <id>", "lower-case letters, digits and hyphens")
    .requiredOption("--system <system>", "as `connector list` names it")
    .option("--name <name>", "how people call it")
    .option("--settings <json>", "a JSON object", "{}")
    .option("--secrets <json>", 'a JSON object; "env:NAME" is read from the environment', "{}")
    .option("--receives-disputes", "also told of disputes that another connection owns")
    .action((options: AddOptions) => run((portal) => add(portal, options, environment)));
  connection
    .command("apply <file>")
    .description("add, change and pause connections as a file says (CONNECTIONS_FILE)")
    .action((file: string) =>
      run(async (portal) => {
        const text = await readFile(file, "utf8");
        await portal.connections.applyFile(text, (name) => environment[name]);
        return list(portal);
      }),
    );
  connection
    .command("test <id>")
    .description("make a cheap call to the system")
    .action((id: string) =>
      run(async ({ connections }) => {
        const answer = await connections.test(id);
        return { data: { id, ok: true, answer }, text: answer };
      }),
    );
  connection
    .command("remove <id>")
    .description("forget settings and secrets; deliveries, invoices and ledger stay")
    .action((id: string) => run((portal) => remove(portal, id)));
}

async function list(portal: Portal) {
  const rows = await connectionsWithHealth(portal);
  const data = rows.map((row) => ({
    id: row.id,
    system: row.system,
    name: row.name,
    kind: row.kind,
    health: row.health,
    pausedAt: row.paused_at,
    fromFile: row.from_file_at !== null,
    receivesDisputes: row.receives_disputes_at !== null,
    lastDeliveryAt: row.last_delivery_at,
    delivered: row.delivered,
    refused: row.refused,
    url: `${portal.config.publicUrl}/webhooks/${row.id}`,
  }));
  const shown = data.map(({ id, system, name, health, lastDeliveryAt, url }) => ({
    id,
    system,
    name,
    health,
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
  const { id, system, name, receivesDisputes = false } = options;
  const input = {
    id,
    system,
    receivesDisputes,
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
  const known = portal.connections.get(id);
  if (!known) throw new RequestError(404, `There is no connection ${id}`);
  if (known.isFromFile) {
    throw new RequestError(409, `${id} is defined by the connections file: remove it there`);
  }
  await audited(portal, async (trx) => {
    await deleteConnection(trx, id);
    const details = { system: known.system };
    const note = { source: commandLine, action: "connection_removed", subject: id, details };
    return { result: null, note };
  });
  return { data: { id, removed: true }, text: `${known.name} is no longer connected` };
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
