import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createRandom, type Random } from "#demo/random.ts";
import { connect } from "#db/connect.ts";
import { type Verdict, verifyLedger } from "#server/ledger/verify/verify.ts";
import { readHashes } from "#server/proofs/kept-hashes.ts";
import { verifyFile } from "../../public/verify.mjs";
import type { EventRow } from "#db/schema/ledger.ts";
import { type Honest, honestLedger, rowsOf } from "./tamper-ledger.ts";
import { fingerprint, mutations, writeRows } from "./tamper-mutations.ts";

/**
 * Changes copies of a ledger's file at random, each in one way, and has each verified twice: by the
 * portal, and from its rows by the standalone verifier, both with the checkpoints that were mailed
 * before, and the hashes that were kept with the last. Both have to find it and to name the first event
 * that is not what it was.
 */
export async function runTamper({
  seed,
  cycles = 150,
}: {
  seed: number;
  cycles?: number | undefined;
}): Promise<{ counts: Record<string, number>; faults: string[] }> {
  const random = createRandom(seed);
  const honest = await honestLedger(random);
  const faults: string[] = [];
  const counts: Record<string, number> = {};
  const count = (what: string) => (counts[what] = (counts[what] ?? 0) + 1);
  try {
    const clean = await bothVerdicts(honest.file, honest);
    for (const { by, ok } of clean) if (!ok) faults.push(`${by} refuses the ledger as it was`);
    const ways = Object.keys(mutations);
    for (let cycle = 0; cycle < cycles; cycle++) {
      const way = ways[cycle % ways.length] ?? "";
      const tampered = tamper(honest, way, random);
      count(way);
      for (const verdict of await bothVerdicts(tampered.file, honest)) {
        const fault = faultOf(verdict, tampered);
        if (fault === null) count(`found by ${verdict.by}`);
        else faults.push(`${way}, seed ${seed}, cycle ${cycle}: ${verdict.by} ${fault}`);
      }
      const alone = { ...honest, hashes: null };
      const blind = tampered.rewritten ? await bothVerdicts(tampered.file, alone) : [];
      for (const { by, ok, sequence, through } of blind) {
        const holds = !ok && sequence <= tampered.first && tampered.first <= through;
        if (holds) count(`its stretch named by ${by}, without the hashes`);
        else
          faults.push(`${way}, seed ${seed}, cycle ${cycle}: ${by} missed it without the hashes`);
      }
      rmSync(tampered.folder, { recursive: true });
    }
  } finally {
    rmSync(honest.folder, { recursive: true });
  }
  return { counts, faults };
}

interface Tampered {
  folder: string;
  file: string;
  /** The lowest sequence that is not what it was. */
  first: number;
  rewritten: boolean;
}

function tamper(honest: Honest, way: string, random: Random): Tampered {
  const folder = join(honest.folder, "copy");
  cpSync(honest.file, join(folder, "portal.db"));
  const file = join(folder, "portal.db");
  const mutate = mutations[way];
  if (!mutate) throw new Error(`There is no mutation "${way}"`);
  const rows = honest.rows.map((row) => ({ ...row }));
  const { rewritten = false, ...after } = mutate({ rows, honest, random });
  writeRows(file, rows, after);
  return { folder, file, first: firstDifference(honest.rows, rows), rewritten };
}

function firstDifference(before: EventRow[], after: EventRow[]): number {
  const bySequence = (rows: EventRow[]) =>
    new Map(rows.map((row) => [row.sequence, fingerprint(row)]));
  const [was, is] = [bySequence(before), bySequence(after)];
  const sequences = [...new Set([...was.keys(), ...is.keys()])].sort((a, b) => a - b);
  const first = sequences.find((sequence) => was.get(sequence) !== is.get(sequence));
  if (first === undefined) throw new Error("The mutation changed nothing");
  return first;
}

interface Found {
  by: string;
  ok: boolean;
  /** The first bad event is one of these. */
  sequence: number;
  through: number;
}

type Kept = Pick<Honest, "mailed" | "key"> & { hashes: string | null };

async function bothVerdicts(file: string, { mailed, key, hashes }: Kept): Promise<Found[]> {
  const databases = connect(`file:${file}`);
  let portal: Verdict;
  try {
    const kept = mailed.map(({ note }) => ({ note, key }));
    const once = hashes === null ? undefined : readHashes(hashes);
    portal = await verifyLedger(databases.db, { kept, hashes: once });
  } finally {
    await databases.close();
  }
  const text = rowsOf(file).map(exportLine).join("\n");
  const checkpoints = mailed.map(({ note }) => note);
  const standalone = await verifyFile({ text, key, checkpoints, hashes });
  return [foundBy("the portal", portal), foundBy("the standalone verifier", standalone)];
}

function foundBy(
  by: string,
  { ok, firstBad }: { ok: boolean; firstBad: { sequence: number; through?: number } | null },
): Found {
  const sequence = firstBad?.sequence ?? Number.NaN;
  return { by, ok, sequence, through: firstBad?.through ?? sequence };
}

/** As `ledger export` writes it. */
function exportLine(row: EventRow): string {
  return JSON.stringify({
    sequence: row.sequence,
    recordedAt: row.recorded_at,
    occurredAt: row.occurred_at,
    type: row.type,
    typeVersion: row.type_version,
    audience: row.audience,
    chain: row.chain,
    invoiceId: row.invoice_id,
    source: row.source,
    commitment: row.commitment,
    hash: row.hash,
    salt: row.salt,
    data: row.data,
  });
}

function faultOf(found: Found, { first }: Tampered): string | null {
  if (found.ok) return `found nothing; event ${first} is not what it was`;
  const { sequence, through } = found;
  if (sequence === first && through === first) return null;
  return `named ${sequence} to ${through}; event ${first} is the first that is not what it was`;
}
