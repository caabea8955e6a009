import type { Command } from "commander";
import { findOutbox, listOutbox, OutboxView } from "#db/queries/outbox-log.ts";
import { listSuppressions } from "#db/queries/mail-suppressions.ts";
import { readSupplier } from "#db/queries/settings.ts";
import { dayIn, toInstant } from "#domain/time.ts";
import { RequestError } from "#server/errors.ts";
import { mostAddresses, releaseAddress, releaseAllMail } from "#server/outbox/release-mail.ts";
import { retryRow } from "#server/outbox/retry-outbox.ts";
import { sentRow } from "#server/outbox/sent-row.ts";
import type { Portal } from "#server/portal-context.ts";
import { readCount, readInput } from "./input.ts";
import { commandLine, type Run } from "./open.ts";
import { short, table } from "./say.ts";

/** `outbox list|retry|refused|release`: mail and write-backs on their way out. */
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
    .description("try a row now, whether it is parked or waits for its next attempt")
    .action((id: string) =>
      run(async (portal) => {
        await retryRow(portal, commandLine, id);
        const row = await findOutbox(portal.db, id);
        const data = row ? sentRow(row) : { id };
        return { data, text: `${id} is due: the running server sends it in seconds` };
      }),
    );
  outbox
    .command("refused")
    .description("the addresses that refuse mail")
    .action(() => run(refused));
  outbox
    .command("release [address]")
    .description(
      "take mail to an address again, or with --all to every one, and try what is parked",
    )
    .option("--all", "every address and every parked mail")
    .action((address: string | undefined, options: { all?: true }) =>
      run((portal) => release(portal, address, options)),
    );
}

async function refused({ db }: Portal) {
  const data = await listSuppressions(db, mostAddresses);
  const shown = data.map(({ address, refused_at, answer }) => ({
    address,
    since: refused_at,
    answer: short(answer, 60),
  }));
  return { data, text: table(shown, "No address refuses mail") };
}

async function release(portal: Portal, address: string | undefined, { all }: { all?: true }) {
  if ((address === undefined) === (all === undefined)) {
    throw new RequestError(400, "Name one address, or give --all");
  }
  const mails =
    address === undefined
      ? await releaseAllMail(portal, commandLine)
      : await releaseAddress(portal, commandLine, address);
  return { data: { mails }, text: `${mails} parked mails are due now` };
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
