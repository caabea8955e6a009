import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import type { Command } from "commander";
import { z } from "zod";
import { exportLedger } from "#server/audit/export-ledger.ts";
import { rebuild } from "#server/ledger/rebuild.ts";
import { regrowTree } from "#server/ledger/verify/tree.ts";
import { readSupplier } from "#db/queries/settings.ts";
import { EventTypes } from "#domain/event.ts";
import { CalendarDate, Instant, plusDays, startOfDay } from "#domain/time.ts";
import { readInput } from "./input.ts";
import { addProofCommands } from "./ledger-proofs.ts";
import { commandLine, type Run } from "./open.ts";

const Bound = z.union([CalendarDate, Instant], {
  error: "write a day like 2026-01-31, or an instant like 2026-01-31T08:00:00.000Z",
});

const ExportOptions = z.object({
  format: z.enum(["csv", "jsonl"]).optional(),
  to: z.string().min(1),
  type: z.enum(EventTypes).optional(),
  from: Bound.optional(),
  until: Bound.optional(),
});

/** `ledger verify|checkpoint|proof|export|rebuild`. */
export function addLedgerCommands(program: Command, run: Run): void {
  const ledger = program.command("ledger").description("the append-only record");
  addProofCommands(ledger, run);
  ledger
    .command("export")
    .description("write the ledger to a file, with all that its hashes were computed from")
    .requiredOption("--to <file>")
    .option("--format <format>", "csv or jsonl; default: as the name of the file ends, else jsonl")
    .option("--type <type>", "one event type")
    .option("--from <day>", "its first day, in the supplier's zone; or an instant")
    .option("--until <day>", "its last day; or the instant before which it was recorded")
    .action((options: unknown) =>
      run(async (portal) => {
        const {
          to,
          format = to.endsWith(".csv") ? "csv" : "jsonl",
          ...asked
        } = readInput(ExportOptions, options);
        const { timeZone } = await readSupplier(portal.db);
        const filter = withInstants(asked, timeZone);
        const stream = await exportLedger(portal, commandLine, { format, filter });
        await pipeline(chunksOf(stream), createWriteStream(to, { flags: "wx" }));
        return { data: { file: to, format }, text: `The ledger was written to ${to}` };
      }),
    );
  ledger
    .command("rebuild")
    .description("replay every event and replace what the tables say otherwise")
    .action(() =>
      run(async (portal) => {
        const rebuilt = await rebuild(portal);
        await regrowTree(portal);
        const differing = Object.entries(rebuilt.differences).filter(([, count]) => count > 0);
        const found = differing.map(([table, count]) => `${count} in ${table}`).join(", ");
        const text = `${rebuilt.events} events replayed; ${found || "nothing"} differed`;
        return { data: rebuilt, text };
      }),
    );
}

/** Days are whole days of the supplier's zone, as in the console. */
function withInstants(asked: Omit<z.infer<typeof ExportOptions>, "to" | "format">, zone: string) {
  const { type, from, until } = asked;
  const isDay = (bound: string) => bound.length === 10;
  return {
    ...(type !== undefined && { type }),
    ...(from !== undefined && { from: isDay(from) ? startOfDay(from, zone) : from }),
    ...(until !== undefined && {
      until: isDay(until) ? startOfDay(plusDays(until, 1), zone) : until,
    }),
  };
}

async function* chunksOf(stream: ReadableStream<Uint8Array>) {
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}
