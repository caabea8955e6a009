import { Command, CommanderError } from "commander";
import { readConfig } from "#server/config.ts";
import { RequestError, UpstreamError } from "#server/errors.ts";
import { addApiKeyCommands } from "./api-key.ts";
import { addBackupCommand } from "./backup.ts";
import { addConnectionCommands } from "./connection.ts";
import { addConnectorCommands } from "./connector.ts";
import { addCustomerCommands } from "./customer.ts";
import { addDeliveryCommands } from "./delivery.ts";
import { addDoctorCommand } from "./doctor.ts";
import { addExamples, leavesOf } from "./examples.ts";
import { addLedgerCommands } from "./ledger.ts";
import { addLoginLinkCommand } from "./login-link.ts";
import { type Run, withPortal } from "./open.ts";
import { addOutboxCommands } from "./outbox.ts";
import { addSimulateCommand } from "./simulate.ts";
import type { Said } from "./say.ts";
import { addReconcileCommand } from "./reconcile.ts";
import { addStaffCommands } from "./staff.ts";

export interface Surroundings {
  environment: Record<string, string | undefined>;
  /** Takes what is printed on standard output and standard error. */
  out: (text: string) => void;
  err: (text: string) => void;
}

/**
 * Runs `portal <args>`. Gives the exit code: 0, or 1 with the reason on standard error, which is JSON
 * with `--json`.
 */
export async function runCommand(args: string[], surroundings: Surroundings): Promise<number> {
  const { out, err, environment } = surroundings;
  const program = new Command("portal")
    .description("Looks after an invoice status portal; the server may be running")
    .option("--json", "answer with JSON")
    .exitOverride()
    .configureOutput({
      writeOut: out,
      // With --json the refusal is printed below, as JSON.
      writeErr: (text) => (args.includes("--json") ? undefined : err(text)),
    });
  let code = 0;
  const print = ({ data, text, ok = true }: Said) => {
    out(`${program.opts().json ? JSON.stringify(data, null, 2) : text}\n`);
    if (!ok) code = 1;
  };
  const run: Run = async (work, needs) => {
    const config = readConfig({ LOG_LEVEL: "error", ...environment });
    print(await withPortal(config, work, needs));
  };
  addConnectionCommands(program, run, environment);
  addConnectorCommands(program, run, print);
  addCustomerCommands(program, run);
  addStaffCommands(program, run);
  addLoginLinkCommand(program, run);
  addApiKeyCommands(program, run);
  addDeliveryCommands(program, run);
  addOutboxCommands(program, run);
  addReconcileCommand(program, run);
  addLedgerCommands(program, run);
  addBackupCommand(program, run);
  addSimulateCommand(program, run);
  addDoctorCommand(program, run);
  takeJsonEverywhere(program);
  addExamples(program);
  try {
    await program.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    // Commander gives up before it has read an option that stands behind the fault.
    const asksJson = args.includes("--json");
    if (error instanceof CommanderError) {
      if (asksJson && error.exitCode !== 0) err(`${jsonOf(error)}\n`);
      return error.exitCode;
    }
    err(`${asksJson ? jsonOf(error) : wordsOf(error)}\n`);
    return 1;
  }
}

/** `--json` may stand after the command too, where people write it. */
function takeJsonEverywhere(program: Command): void {
  for (const { command } of leavesOf(program)) {
    command.option("--json", "answer with JSON");
    command.hook("preAction", (_, action) => {
      if (action.opts().json) program.setOptionValue("json", true);
    });
  }
}

/** Why a command failed, for programs: the same words, and the options that are wrong by name. */
function jsonOf(error: unknown): string {
  const fields = error instanceof RequestError ? error.fields : {};
  return JSON.stringify({ error: wordsOf(error), fields });
}

function wordsOf(error: unknown): string {
  if (error instanceof RequestError || error instanceof UpstreamError) return error.message;
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : "";
  return `${error.message}${cause}`;
}
