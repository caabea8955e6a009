import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import type { EventRow } from "#db/schema/ledger.ts";
import type { Random } from "#demo/random.ts";
import { readConfig } from "#server/config.ts";
import type { Change } from "#domain/change.ts";
import { record } from "#server/ledger/record.ts";
import { openContext } from "#server/open-context.ts";
import { hashLines } from "#server/proofs/kept-hashes.ts";
import { makeCheckpoint } from "#server/proofs/make-checkpoint.ts";

/** A ledger as it was when its checkpoints were mailed, and a little older. */
export interface Honest {
  folder: string;
  file: string;
  key: string;
  /** Signed notes, the smallest first, as the auditors keep them. */
  mailed: { size: number; note: string }[];
  /** What was kept with the last of them: every event's hash, a line each. */
  hashes: string;
  rows: EventRow[];
}

/** Records what an ERP says of some invoices of a few customers, with a checkpoint now and then. */
export async function honestLedger(random: Random): Promise<Honest> {
  const folder = mkdtempSync(join(tmpdir(), "tamper-"));
  let now = Date.parse("2026-11-20T10:00:00.000Z");
  const config = readConfig({ NODE_ENV: "test", DATA_DIR: folder, LOG_LEVEL: "silent" });
  const { context, close } = await openContext(config, { clock: () => new Date(now) });
  const portal = { ...context, wakeOutbox: () => {} };
  const mailed: Honest["mailed"] = [];
  let key = "";
  for (let invoice = 1; invoice <= 90; invoice++) {
    for (let version = 1; version <= random.between(1, 5); version++) {
      now += random.between(1, 90_000);
      const source = { kind: "connection", connection: "erp" } as const;
      const changes = [told(invoice, version)];
      const receivedAt = new Date(now).toISOString();
      const connection = { id: "erp", kind: "erp" } as const;
      await record(context, {
        kind: "system",
        source,
        connection,
        changes,
        receivedAt,
        asked: true,
      });
    }
    if (invoice % 8 !== 0) continue;
    const { size, note, publicKey } = await makeCheckpoint(portal, null);
    mailed.push({ size, note });
    key = publicKey;
  }
  let hashes = "";
  for await (const lines of hashLines(context.db, mailed.at(-1)?.size ?? 0)) hashes += lines;
  await close();
  const file = join(folder, "portal.db");
  return { folder, file, key, mailed, hashes, rows: rowsOf(file) };
}

function told(invoice: number, version: number): Change {
  const number = `INV-${1000 + invoice}`;
  const customer = { externalId: `C-${invoice % 9}`, name: `Façade № ${invoice % 9}` };
  const money = (amount: number) => ({ amount, currency: "EUR" });
  const sums = { currency: "EUR", total: money(250_000), due: money(250_000 - version * 1_000) };
  return { kind: "invoice", invoice: { number, version, customer, ...sums } };
}

/** Every event of a ledger file, whatever its head says. */
export function rowsOf(file: string): EventRow[] {
  const sqlite = new Database(file);
  try {
    return sqlite.prepare<[], EventRow>("select * from events order by sequence").all();
  } finally {
    sqlite.close();
  }
}
