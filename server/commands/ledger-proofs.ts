import { readFile, writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { z } from "zod";
import { invoicesNumbered } from "#db/queries/audit-log.ts";
import { readPublicKey } from "#db/queries/signing-key.ts";
import { RequestError } from "#server/errors.ts";
import { eventRows } from "#server/ledger/read.ts";
import { type Verdict, verifyLedger } from "#server/ledger/verify/verify.ts";
import type { Portal } from "#server/portal-context.ts";
import { hashLines, readHashes } from "#server/proofs/kept-hashes.ts";
import { makeCheckpoint } from "#server/proofs/make-checkpoint.ts";
import { chainProofOf, proofOf } from "#server/proofs/proof-file.ts";
import { readInput } from "./input.ts";
import { commandLine, type Run } from "./open.ts";

const VerifyOptions = z.object({
  checkpoint: z.array(z.string()).default([]),
  key: z.string().optional(),
  hashes: z.string().optional(),
});
const CheckpointOptions = z.object({ to: z.string().optional(), hashes: z.string().optional() });
const Size = z.coerce.number().int().positive();
const ProofOptions = z.object({
  event: Size.optional(),
  invoice: z.string().optional(),
  record: z.string().optional(),
  checkpoint: Size.optional(),
  since: Size.optional(),
  to: z.string().min(1),
});
type ProofOptions = z.infer<typeof ProofOptions>;

/** `ledger verify|checkpoint|proof`: what shows that the record is what it was. */
export function addProofCommands(ledger: Command, run: Run): void {
  ledger
    .command("verify")
    .description("compute every hash again; exit code 1 when the record was changed")
    .option("--checkpoint <file...>", "checkpoints that were kept elsewhere")
    .option("--key <key>", "the public key to open them by; default: the portal's own")
    .option("--hashes <file>", "the events' hashes as of one of them, to name what was rewritten")
    .action((options: unknown) =>
      run((portal) => verify(portal, readInput(VerifyOptions, options))),
    );
  ledger
    .command("checkpoint")
    .description("sign what the ledger is now, store it and mail it to the auditors")
    .option("--to <file>", "write the signed note to a new file as well")
    .option("--hashes <file>", "write every event's hash, a line each, to a new file as well")
    .action((options: unknown) =>
      run((portal) => checkpoint(portal, readInput(CheckpointOptions, options))),
    );
  ledger
    .command("proof")
    .description("write a file that proves events of the ledger offline, with public/verify.mjs")
    .requiredOption("--to <file>")
    .option("--event <sequence>", "one event")
    .option("--invoice <number>", "every event about an invoice")
    .option(
      "--record <id>",
      "a customer record's whole chain, with the proof that nothing is missing",
    )
    .option("--checkpoint <size>", "against this stored checkpoint; default: the newest")
    .option("--since <size>", "shows too that the ledger only grew since that checkpoint")
    .action((options: unknown) => run((portal) => prove(portal, readInput(ProofOptions, options))));
}

async function checkpoint(portal: Portal, { to, hashes }: z.infer<typeof CheckpointOptions>) {
  const made = await makeCheckpoint(portal, commandLine);
  if (to !== undefined) await writeFile(to, made.note, { flag: "wx" });
  if (hashes !== undefined) {
    await writeFile(hashes, hashLines(portal.db, made.size), { flag: "wx" });
  }
  return { data: made, text: `${made.note}\nPublic key: ${made.publicKey}` };
}

async function verify(
  { db, config }: Portal,
  { checkpoint, key, hashes: file }: z.infer<typeof VerifyOptions>,
) {
  const own = key ?? (await readPublicKey(db));
  if (checkpoint.length > 0 && own === undefined) {
    throw new RequestError(422, "Give the public key of the checkpoint with --key");
  }
  const notes = await Promise.all(checkpoint.map((file) => readFile(file, "utf8")));
  const kept = notes.map((note) => ({ note, key: own ?? "" }));
  const hashes = file === undefined ? undefined : readHashes(await readFile(file, "utf8"));
  const verdict = await verifyLedger(db, { kept, hashes, databaseUrl: config.databaseUrl });
  return { data: verdict, text: wordsOf(verdict), ok: verdict.ok };
}

function wordsOf({ ok, events, chains, checkpoints, firstBad }: Verdict): string {
  if (ok) {
    const agree = `${checkpoints} ${checkpoints === 1 ? "checkpoint agrees" : "checkpoints agree"}`;
    return `${events} events in ${chains} chains are as they were written; ${agree}`;
  }
  const { sequence = 0, through = sequence, reason = "" } = firstBad ?? {};
  const where =
    through > sequence ? `Between events ${sequence} and ${through}` : `Event ${sequence}`;
  return `${where}: ${reason}`;
}

async function prove({ db }: Portal, { to, event, invoice, record, ...against }: ProofOptions) {
  if ([event, invoice, record].filter((each) => each !== undefined).length !== 1) {
    throw new RequestError(422, "Give one of --event, --invoice and --record");
  }
  const file =
    record === undefined
      ? await proofOf(db, await rowsOf(db, { event, invoice }), against)
      : await chainProofOf(db, record, against);
  await writeFile(to, `${JSON.stringify(file, null, 1)}\n`, { flag: "wx" });
  const count = file.events.length;
  const text = `${to} proves ${count === 1 ? "one event" : `${count} events`}`;
  return { data: { file: to, events: count }, text };
}

const most = 10_000;

async function rowsOf(
  db: Portal["db"],
  { event, invoice = "" }: Pick<ProofOptions, "event" | "invoice">,
) {
  if (event !== undefined) {
    const [row] = await eventRows(db, { after: event - 1, limit: 1 });
    if (row?.sequence === event) return [row];
    throw new RequestError(404, `There is no event ${event}`);
  }
  const [id, ...others] = await invoicesNumbered(db, invoice);
  if (id === undefined) throw new RequestError(404, `There is no invoice ${invoice}`);
  if (others.length > 0) throw new RequestError(409, `Several invoices have the number ${invoice}`);
  return eventRows(db, { after: 0, invoice: id, limit: most });
}
