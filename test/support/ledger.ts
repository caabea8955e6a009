import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { connect } from "#db/connect.ts";
import { migrate } from "#db/migrate.ts";
import { readConfig } from "#server/config.ts";
import type { Context } from "#server/context.ts";
import type { Change, ConnectorKind } from "#domain/change.ts";
import type { LedgerEvent } from "#domain/event.ts";
import { InvoiceView } from "#domain/invoice.ts";
import { Committed } from "#server/ledger/committed.ts";
import { events } from "#server/ledger/read.ts";
import { record } from "#server/ledger/record.ts";
import { databaseOf } from "./database.ts";

/** A ledger in a temporary folder, without a server, whose clock stands still until it is set. */
export async function openLedger() {
  const folder = mkdtempSync(join(tmpdir(), "ledger-"));
  const { url, drop } = await databaseOf(folder);
  const { owner, close, ...databases } = connect(url);
  await migrate(owner);
  let now = new Date("2026-11-20T10:00:00.000Z");
  const context: Context = {
    config: readConfig({ NODE_ENV: "test", DATA_DIR: folder, DATABASE_URL: url }),
    clock: () => now,
    log: pino({ level: "silent" }),
    ...databases,
    committed: new Committed(),
  };
  const invoiceId = async (number: string) => {
    const row = await context.db
      .selectFrom("invoices")
      .select("id")
      .where("number", "=", number)
      .executeTakeFirst();
    return row?.id ?? null;
  };
  return {
    context,
    /** Where commands and other processes find it. */
    url,
    /** As whoever may change tables. */
    owner,
    setTime(instant: string) {
      now = new Date(instant);
    },
    /** Records what a connection says, as one delivery that was already asked about. */
    says(connection: string, changes: Change[], kind: ConnectorKind = "erp") {
      return record(context, {
        kind: "system",
        source: { kind: "connection", connection },
        connection: { id: connection, kind },
        changes,
        receivedAt: now.toISOString(),
        asked: true,
      });
    },
    invoiceId,
    async view(number: string) {
      const rows = context.db.selectFrom("invoices").selectAll().where("number", "=", number);
      const row = await rows.executeTakeFirst();
      return row ? { row, view: InvoiceView.parse(JSON.parse(row.view)) } : null;
    },
    async events(number?: string): Promise<LedgerEvent[]> {
      const invoice = number === undefined ? null : await invoiceId(number);
      const filter = invoice === null ? {} : { invoice };
      return events(context.db, { after: 0, limit: 10_000, ...filter });
    },
    async [Symbol.asyncDispose]() {
      await close();
      await drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
