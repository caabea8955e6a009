import { findCheckpoint, latestCheckpoints } from "#db/queries/checkpoints.ts";
import { headOfChain } from "#db/queries/event-scan.ts";
import type { Db } from "#db/connect.ts";
import type { EventRow } from "#db/schema/ledger.ts";
import type { Json } from "#domain/canonical-json.ts";
import { consistencyRanges, inclusionRanges, type Range } from "#domain/merkle.ts";
import { RequestError } from "#server/errors.ts";
import { genesis, header } from "#server/ledger/append.ts";
import { chainHeads, headsTree } from "#server/ledger/chain-heads.ts";
import { eventRows } from "#server/ledger/read.ts";
import { rootOfRange } from "#server/ledger/verify/tree.ts";

/** Which checkpoint a file is made against. */
export interface Against {
  /** The size of a stored checkpoint; the newest when missing. */
  checkpoint?: number | undefined;
  /** The size of a checkpoint that the reader kept: the file then shows that the ledger only grew since. */
  since?: number | undefined;
}

/** An event with all that its hash was computed from. */
interface ProvedEvent {
  header: Json;
  hash: string;
  salt: string | null;
  data: Json;
}

interface Grown {
  checkpoint: string;
  consistency?: { from: number; path: string[] };
}

/** Events that are in the ledger, each by itself; checked by `public/verify.mjs`. */
export interface ProofFile extends Grown {
  format: "invoice-status-portal proof 1";
  events: (ProvedEvent & { previous: string; path: string[] })[];
}

/** A whole chain up to a checkpoint, none of its events left out. */
export interface ChainFile extends Grown {
  format: "invoice-status-portal chain 1";
  chain: string;
  events: ProvedEvent[];
  /** Its place among all chains, and the path from there. */
  head: { place: number; path: string[] };
}

/**
 * Proves that events stand in the ledger. Those after the checkpoint are left out. Throws RequestError:
 * 404 for a checkpoint that there is not, 409 when none of the events is old enough to be in it.
 */
export async function proofOf(db: Db, rows: EventRow[], against: Against): Promise<ProofFile> {
  const { size, note } = await checkpointFor(db, against);
  const rootOf = remembering(db);
  const events = [];
  for (const row of rows.filter(({ sequence }) => sequence <= size)) {
    const before = await headOfChain(db, row.chain, row.sequence - 1);
    const path: string[] = [];
    for (const range of inclusionRanges(row.sequence - 1, size)) path.push(await rootOf(range));
    events.push({ ...provedEvent(row), previous: before?.hash ?? genesis, path });
  }
  if (events.length === 0) {
    throw new RequestError(409, "This is newer than the last checkpoint; one is made every day");
  }
  const format = "invoice-status-portal proof 1";
  return { format, events, checkpoint: note, ...(await grownSince(db, against, size)) };
}

const eventsAtOnce = 1_000;

/** A whole chain with the proof that nothing of it is missing. Throws RequestError as `proofOf`. */
export async function chainProofOf(db: Db, chain: string, against: Against): Promise<ChainFile> {
  const { size, note } = await checkpointFor(db, against);
  const heads = await chainHeads(db, size);
  if (!heads.has(chain)) {
    throw new RequestError(
      404,
      `Event ${size} and those before it know no customer record ${chain}`,
    );
  }
  const events: ProvedEvent[] = [];
  for (let after = 0; ;) {
    const rows = await eventRows(db, { after, chains: [chain], limit: eventsAtOnce });
    events.push(...rows.filter(({ sequence }) => sequence <= size).map(provedEvent));
    const last = rows.at(-1);
    if (!last || rows.length < eventsAtOnce) break;
    after = last.sequence;
  }
  const head = headsTree(heads).proof(chain);
  const format = "invoice-status-portal chain 1";
  return {
    format,
    chain,
    events,
    head,
    checkpoint: note,
    ...(await grownSince(db, against, size)),
  };
}

async function checkpointFor(db: Db, { checkpoint }: Against) {
  const [row] =
    checkpoint === undefined
      ? await latestCheckpoints(db, 1)
      : [await findCheckpoint(db, checkpoint)];
  if (row) return row;
  if (checkpoint === undefined) {
    throw new RequestError(409, "No checkpoint was made yet; one is made every day");
  }
  throw new RequestError(404, `There is no checkpoint of event ${checkpoint}`);
}

async function grownSince(db: Db, { since }: Against, size: number): Promise<Partial<Grown>> {
  if (since === undefined || since === size) return {};
  if (since > size) {
    throw new RequestError(409, `A checkpoint of event ${size} cannot grow out of a later one`);
  }
  const path: string[] = [];
  for (const range of consistencyRanges(since, size)) path.push(await rootOfRange(db, range));
  return { consistency: { from: since, path } };
}

/** Events of one invoice share most of their paths. */
function remembering(db: Db): (range: Range) => Promise<string> {
  const roots = new Map<string, Promise<string>>();
  return (range) => {
    const name = range.join("-");
    const root = roots.get(name) ?? rootOfRange(db, range);
    roots.set(name, root);
    return root;
  };
}

function provedEvent(row: EventRow): ProvedEvent {
  return {
    header: JSON.parse(header(row)),
    hash: row.hash,
    salt: row.salt,
    data: row.data === null ? null : JSON.parse(row.data),
  };
}
