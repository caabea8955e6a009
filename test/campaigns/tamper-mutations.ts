import { createHash, randomBytes } from "node:crypto";
import Database from "better-sqlite3";
import type { EventRow } from "#db/schema/ledger.ts";
import type { Random } from "#demo/random.ts";
import { commitmentOf, genesis, hashOf } from "#server/ledger/append.ts";
import type { Honest } from "./tamper-ledger.ts";

/** What somebody with all rights on the file does; `rows` is the ledger, to be changed in place. */
type Mutation = (given: { rows: EventRow[]; honest: Honest; random: Random }) => {
  /** Where the head stands afterwards; as it was when missing. */
  head?: number;
  /** Checkpoints that the portal stored are taken away as well. */
  forgets?: boolean;
  /** Every hash fits again: only a checkpoint shows it. */
  rewritten?: boolean;
};

const fields = [
  "chain",
  "type",
  "audience",
  "invoice_id",
  "occurred_at",
  "recorded_at",
  "source",
  "commitment",
  "hash",
  "salt",
  "data",
] as const;

/** Each way by its name. */
export const mutations: Record<string, Mutation> = {
  "a changed field": ({ rows, random }) => {
    const row = random.pick(rows);
    const field = random.pick(fields.filter((name) => row[name] !== null));
    row[field] = changed(String(row[field]), random);
    return {};
  },
  "a changed version": ({ rows, random }) => {
    random.pick(rows).type_version += 1;
    return {};
  },
  "data taken out": ({ rows, random }) => {
    Object.assign(random.pick(rows), { salt: null, data: null });
    return {};
  },
  "data with a commitment of its own": ({ rows, random }) => {
    recommit(random.pick(rows), random);
    return {};
  },
  "a removed event": ({ rows, random }) => {
    rows.splice(random.between(0, rows.length - 2), 1);
    return {};
  },
  "a removed event, and the later ones moved up": ({ rows, random }) => {
    rows.splice(random.between(0, rows.length - 2), 1);
    number(rows, 1);
    return { head: rows.length };
  },
  "an inserted event": ({ rows, random }) => {
    rows.splice(random.between(0, rows.length), 0, { ...random.pick(rows) });
    number(rows, 1);
    return { head: rows.length };
  },
  "an inserted event behind the head": ({ rows, random }) => {
    rows.push({ ...random.pick(rows), sequence: rows.length + 1 });
    return {};
  },
  "an inserted event before the first": ({ rows, random }) => {
    rows.unshift({ ...random.pick(rows), sequence: -random.between(0, 3) });
    return {};
  },
  "two events swapped": ({ rows, random }) => {
    const [one, two] = [random.between(0, rows.length - 2), random.between(0, rows.length - 1)];
    const [low, high] = one < two ? [one, two] : [two, Math.max(one, two + 1)];
    [rows[low], rows[high]] = [at(rows, high), at(rows, low)];
    number(rows, 1);
    return {};
  },
  "an event moved elsewhere": ({ rows, random }) => {
    const [row] = rows.splice(random.between(0, rows.length - 2), 1);
    if (row) rows.splice(random.between(row.sequence, rows.length), 0, row);
    number(rows, 1);
    return {};
  },
  "a cut tail": ({ rows, honest, random }) => {
    rows.length = random.between(1, covered(honest) - 1);
    return random.chance(0.8) ? { head: rows.length, forgets: random.chance(0.5) } : {};
  },
  "a cut tail, and others written behind it": ({ rows, honest, random }) => {
    const from = random.between(2, covered(honest) - 1);
    rows.splice(from - 1, 1);
    for (const row of rows.slice(from - 1)) if (random.chance(0.3)) recommit(row, random);
    number(rows, 1);
    rehash(rows);
    return { head: rows.length, forgets: random.chance(0.5), rewritten: true };
  },
  "a fork with every later hash computed anew": ({ rows, honest, random }) => {
    recommit(at(rows, random.between(0, covered(honest) - 1)), random);
    rehash(rows);
    return { forgets: random.chance(0.5), rewritten: true };
  },
  "a fork with an event of another time": ({ rows, honest, random }) => {
    const row = at(rows, random.between(0, covered(honest) - 1));
    row.occurred_at = changed(row.occurred_at, random);
    rehash(rows);
    return { forgets: random.chance(0.5), rewritten: true };
  },
};

/** After the last checkpoint nothing but its own hashes vouches for an event. */
function covered({ mailed }: Honest): number {
  return mailed.at(-1)?.size ?? 0;
}

function at(rows: EventRow[], place: number): EventRow {
  const row = rows[place];
  if (!row) throw new Error(`There is no row ${place}`);
  return row;
}

/** One character becomes another of its kind, so that the text stays what it looked like. */
function changed(text: string, random: Random): string {
  for (;;) {
    const place = random.between(0, text.length - 1);
    const was = text.charAt(place);
    const kind = ["0123456789", "abcdef", "ghijklmnopqrstuvwxyz"].find((all) => all.includes(was));
    const next = random.pick((kind ?? "xyz0123").split(""));
    if (next !== was) return text.slice(0, place) + next + text.slice(place + 1);
  }
}

function recommit(row: EventRow, random: Random): void {
  row.salt = randomBytes(16).toString("hex");
  const words = { forged: random.between(1, 1_000_000), was: row.sequence };
  row.data = JSON.stringify(words);
  row.commitment = commitmentOf(row.salt, row.data);
}

function number(rows: EventRow[], first: number): void {
  for (const [place, row] of rows.entries()) row.sequence = first + place;
}

function rehash(rows: EventRow[]): void {
  const ends = new Map<string, string>();
  for (const row of rows) {
    row.hash = hashOf(ends.get(row.chain) ?? genesis, row);
    ends.set(row.chain, row.hash);
  }
}

/** Writes the rows into a copy of the ledger's file, past every trigger. */
export function writeRows(
  file: string,
  rows: EventRow[],
  { head, forgets = false }: ReturnType<Mutation>,
): void {
  const sqlite = new Database(file);
  sqlite.exec(`drop trigger events_no_update; drop trigger events_no_delete;
    drop trigger checkpoints_no_delete; delete from events`);
  const columns = Object.keys(at(rows, 0));
  const values = columns.map((column) => `@${column}`).join(", ");
  const insert = sqlite.prepare(`insert into events (${columns.join(", ")}) values (${values})`);
  sqlite.transaction(() => rows.forEach((row) => insert.run(row)))();
  if (head !== undefined) sqlite.prepare("update ledger_head set sequence = ?").run(head);
  if (forgets) sqlite.exec("delete from checkpoints; delete from merkle_nodes");
  sqlite.close();
}

/** What a row says, to find where two ledgers part. */
export function fingerprint(row: EventRow | undefined): string {
  return createHash("sha256")
    .update(JSON.stringify(row ?? null))
    .digest("hex");
}
