import type { Command } from "commander";
import { findOutbox, listOutbox, OutboxView } from "#db/queries/outbox-log.ts";
import { readSupplier } from "#db/queries/settings.ts";
import { dayIn, toInstant } from "#server/domain/time.ts";
import { retryRow } from "#server/finance/retry-outbox.ts";
import { sentRow } from "#server/finance/sent-row.ts";
import type { Portal } from "#server/portal-context.ts";
import { readCount, readInput } from "./input.ts";
import { commandLine, type Run } from "./open.ts";
import { short, table } from "./say.ts";

/** `outbox list|retry`: mail and write-backs on their way out. */
export function addOutboxCommands(program: Command, run: Run): void {
  const outbox = program.command("outbox").description("mail and write-backs on their way out");
  outbox
    .command("list")
    .description("the newest rows")
    .option(
      "--view <view>",
      "latest, person (parked), waiting, delivered, mail or writeback",
      "latest",
    )
    .option("--limit <number>", "how many", "50")
    .action((options: { view: string; limit: string }) => run((portal) => list(portal, options)));
  outbox
    .command("retry <id>")
    .description("try a parked row again")
    .action((id: string) =>
      run(async (portal) => {
        await retryRow(portal, commandLine, id);
        const row = await findOutbox(portal.db, id);
        const data = row ? sentRow(row) : { id };
        return { data, text: `${id} is due: the running server sends it in seconds` };
      }),
    );
}

async function list({ db, clock }: Portal, options: { view: string; limit: string }) {
  const view = readInput(OutboxView, options.view, "view");
  const { timeZone } = await readSupplier(db);
  const dayStart = `${dayIn(timeZone, toInstant(clock()))}T00:00:00.000Z`;
  const rows = await listOutbox(db, { view, dayStart, limit: readCount(options.limit) });
  const data = rows.map(sentRow);
  const shown = data.map(
    ({ id, kind, what, target, state, parked, attempts, createdAt, answer }) => ({
      id,
      kind,
      what,
      target,
      state: parked ? "parked" : state,
      attempts,
      createdAt,
      answer: short(answer, 50),
    }),
  );
  return { data, text: table(shown, "Nothing is on its way") };
}
