import type { Command } from "commander";
import { z } from "zod";
import { connectors } from "#server/connectors/index.ts";
import { addTryCommand } from "./connector-try.ts";
import type { Run } from "./open.ts";
import { type Said, table } from "./say.ts";

/**
 * `connector list`: every system that can be connected, with its settings and secrets as JSON Schema;
 * `connector try`: one request of it.
 */
export function addConnectorCommands(
  program: Command,
  run: Run,
  print: (said: Said) => void,
): void {
  const connector = program.command("connector").description("the systems that can be connected");
  addTryCommand(connector, { run, print });
  connector
    .command("list")
    .description("each with its settings and secrets")
    .action(() => {
      const data = [...connectors].map(
        ([system, { name, kind, settings, secrets, setUp, app }]) => ({
          ...{ system, name, kind },
          ...schemasOf({ settings, secrets }),
          setUp,
          // One vendor app serves many organisations: it has settings and secrets of its own.
          ...(app && { app: { ...schemasOf(app), setUp: app.setUp } }),
        }),
      );
      const rows = data.flatMap(({ system, name, kind, app, ...own }) => [
        ...(app ? [{ system, name: `${name}: the app`, kind, ...namesIn(app) }] : []),
        { system, name: app ? `${name}: an organisation` : name, kind, ...namesIn(own) },
      ]);
      print({ data, text: table(rows, "No system can be connected") });
    });
}

interface Schemas {
  settings: z.core.JSONSchema.BaseSchema;
  secrets: z.core.JSONSchema.BaseSchema;
}

function schemasOf({ settings, secrets }: { settings: z.ZodType; secrets: z.ZodType }): Schemas {
  return {
    settings: z.toJSONSchema(settings, { io: "input" }),
    secrets: z.toJSONSchema(secrets, { io: "input" }),
  };
}

function namesIn({ settings, secrets }: Schemas) {
  return { settings: namesOf(settings), secrets: namesOf(secrets) };
}

function namesOf({ properties = {}, required = [] }: z.core.JSONSchema.BaseSchema): string {
  const names = Object.keys(properties).map((name) =>
    required.includes(name) ? name : `${name}?`,
  );
  return names.join(", ");
}
