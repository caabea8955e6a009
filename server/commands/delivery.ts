import type { Command } from "commander";
import { DeliveryState, findDelivery, listDeliveries } from "#db/queries/delivery-log.ts";
import { listConnections } from "#db/queries/connections.ts";
import { RequestError } from "#server/errors.ts";
import { DismissForm, dismissDeliveries } from "#server/deliveries/dismiss-deliveries.ts";
import { replayDelivery } from "#server/deliveries/replay-delivery.ts";
import type { Portal } from "#server/portal-context.ts";
import { readCount, readInput } from "./input.ts";
import { commandLine, type Run } from "./open.ts";
import { short, table } from "./say.ts";

interface ListOptions {
  connection?: string;
  state?: string;
  limit: string;
}

/** `delivery list|show|dismiss|replay`: what systems sent, byte for byte. */
export function addDeliveryCommands(program: Command, run: Run): void {
  const delivery = program.command("delivery").description("what the systems sent");
  delivery
    .command("list")
    .description("the newest deliveries")
    .option("--connection <id>")
    .option("--state <state>", "waiting, processed, dead or dismissed")
    .option("--limit <number>", "how many", "50")
    .action((options: ListOptions) => run((portal) => list(portal, options)));
  delivery
    .command("show <id>")
    .description("one delivery with its headers and body")
    .action((id: string) => run((portal) => show(portal, readCount(id))));
  delivery
    .command("dismiss <id>")
    .description("say of a dead delivery that nothing is to be done about it")
    .requiredOption("--reason <words>", "why, for the audit log")
    .action((id: string, options: DismissOptions) =>
      run((portal) => dismiss(portal, readCount(id), options)),
    );
  delivery
    .command("replay <id>")
    .description("run its stored bytes through the present code again, quietly")
    .action((id: string) =>
      run(async (portal) => {
        await replayDelivery(portal, commandLine, readCount(id));
        const text = `Delivery ${id} is due again: the running server takes it up in seconds`;
        return { data: { id: readCount(id), replayed: true }, text };
      }),
    );
}

interface DismissOptions {
  reason: string;
}

async function dismiss(portal: Portal, id: number, { reason }: DismissOptions) {
  const given = readInput(DismissForm.shape.reason, reason, "reason");
  await dismissDeliveries(portal, commandLine, { which: { id }, reason: given });
  return { data: { id, dismissed: true }, text: `Delivery ${id} asks for nobody any more` };
}

async function list({ db }: Portal, options: ListOptions) {
  const connections = await listConnections(db);
  const { connection } = options;
  if (connection !== undefined && !connections.some(({ id }) => id === connection)) {
    throw new RequestError(404, `There is no connection ${options.connection}`);
  }
  const state =
    options.state === undefined ? undefined : readInput(DeliveryState, options.state, "state");
  const limit = readCount(options.limit);
  const rows = await listDeliveries(db, { connection: options.connection, state, limit });
  const data = rows.map((row) => ({
    id: row.id,
    connection: row.connection_id,
    receivedAt: row.received_at,
    state: stateOf(row),
    attempts: row.attempts,
    bytes: row.bytes,
    origin: row.origin,
    firstSequence: row.first_sequence,
    lastSequence: row.last_sequence,
    error: row.error,
  }));
  const shown = data.map(({ id, connection, receivedAt, state, attempts, bytes, error }) => ({
    id,
    connection,
    receivedAt,
    state,
    attempts,
    bytes,
    error: short(error),
  }));
  return { data, text: table(shown, "No delivery") };
}

async function show({ db }: Portal, id: number) {
  const row = await findDelivery(db, id);
  if (!row) throw new RequestError(404, "There is no such delivery");
  const body = Buffer.from(row.body).toString("utf8");
  const headers: unknown = JSON.parse(row.headers);
  const about = {
    id: row.id,
    connection: row.connection_id,
    method: row.method,
    path: row.path,
    receivedAt: row.received_at,
    state: stateOf(row),
    attempts: row.attempts,
    error: row.error,
    firstSequence: row.first_sequence,
    lastSequence: row.last_sequence,
  };
  const lines = Object.entries(about).map(([name, value]) => `${name}: ${value ?? ""}`);
  const text = [...lines, "", JSON.stringify(headers, null, 2), "", body].join("\n");
  return { data: { ...about, headers, body }, text };
}

function stateOf(row: Record<"due_at" | "dead_at" | "dismissed_at", string | null>): DeliveryState {
  if (row.dismissed_at !== null) return "dismissed";
  if (row.dead_at !== null) return "dead";
  return row.due_at === null ? "processed" : "waiting";
}
