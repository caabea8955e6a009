import type { Command } from "commander";
import { z } from "zod";
import { connectors } from "#server/webhooks/connectors/index.ts";
import type { Run } from "./open.ts";
import { table } from "./say.ts";

/** `connector list`: every system that can be connected, with its settings and secrets as JSON Schema. */
export function addConnectorCommands(program: Command, run: Run): void {
  const connector = program.command("connector").description("the systems that can be connected");
  connector
    .command("list")
    .description("each with its settings and secrets")
    .action(() =>
      run(async () => {
        const data = [...connectors].map(([system, { name, kind, settings, secrets, setUp }]) => ({
          system,
          name,
          kind,
          settings: z.toJSONSchema(settings, { io: "input" }),
          secrets: z.toJSONSchema(secrets, { io: "input" }),
          setUp,
        }));
        const rows = data.map(({ system, name, kind, settings, secrets }) => ({
          system,
          name,
          kind,
          settings: namesOf(settings),
          secrets: namesOf(secrets),
        }));
        return { data, text: table(rows, "No system can be connected") };
      }),
    );
}

function namesOf({ properties = {}, required = [] }: z.core.JSONSchema.BaseSchema): string {
  const names = Object.keys(properties).map((name) =>
    required.includes(name) ? name : `${name}?`,
  );
  return names.join(", ");
}
