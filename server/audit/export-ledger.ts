import { setImmediate as nextTurn } from "node:timers/promises";
import { auditWindow, eventRowsAfter, numbersOf, type AuditFilter } from "#db/queries/audit-log.ts";
import { headSequence } from "#db/queries/live.ts";
import type { EventRow } from "#db/schema/ledger.ts";
import type { Context } from "#server/context.ts";
import type { Source } from "#domain/event.ts";
import { audit } from "#server/ledger/audit.ts";

export type ExportFormat = "csv" | "jsonl";

const pageSize = 500;
/** Without it Excel reads UTF-8 as the code page of the country. */
const byteOrderMark = "\uFEFF";
const columns = [
  "sequence",
  "recordedAt",
  "occurredAt",
  "type",
  "typeVersion",
  "audience",
  "chain",
  "invoiceId",
  "invoiceNumber",
  "source",
  "commitment",
  "hash",
  "salt",
  "data",
] as const;

/**
 * The filtered ledger as CSV (RFC 4180) or JSON Lines, read and sent page by page. The export itself
 * is written to the ledger first, so that the last line of a whole export tells of it.
 */
export async function exportLedger(
  context: Context,
  source: Source,
  { format, filter }: { format: ExportFormat; filter: AuditFilter },
): Promise<ReadableStream<Uint8Array>> {
  const { type = null, from = null, until = null } = filter;
  const narrowed = filter.chains !== undefined || filter.invoices !== undefined;
  const details = { format, type, from, until, narrowed };
  await audit(context, { source, action: "ledger_exported", subject: "ledger", details });
  const encoder = new TextEncoder();
  const head = await headSequence(context.db);
  let after = 0;
  return new ReadableStream({
    start(controller) {
      if (format === "csv")
        controller.enqueue(encoder.encode(`${byteOrderMark}${columns.join(",")}\r\n`));
    },
    async pull(controller) {
      // Windows, so that looking for a rare type keeps nobody waiting for long.
      while (after < head) {
        const through = Math.min(head, after + auditWindow);
        const page = { after, through, limit: pageSize };
        const rows = await eventRowsAfter(context.db, filter, page);
        after = rows.length < pageSize ? through : (rows.at(-1)?.sequence ?? through);
        const lines = await linesOf(context, rows, format);
        if (lines.length > 0) return controller.enqueue(encoder.encode(lines.join("")));
        await nextTurn();
      }
      controller.close();
    },
  });
}

async function linesOf({ db }: Context, rows: EventRow[], format: ExportFormat): Promise<string[]> {
  const ids = rows.flatMap((row) => (row.invoice_id === null ? [] : [row.invoice_id]));
  const numbers = await numbersOf(db, [...new Set(ids)]);
  return rows.map((row) => {
    const line = exportLine(row, numbers.get(row.invoice_id ?? "") ?? null);
    if (format === "jsonl") return `${JSON.stringify(line)}\n`;
    return `${columns.map((column) => cell(column, line[column])).join(",")}\r\n`;
  });
}

/** Everything of a row, so that hash and commitment can be computed again from the export alone. */
function exportLine(row: EventRow, invoiceNumber: string | null) {
  return {
    sequence: row.sequence,
    recordedAt: row.recorded_at,
    occurredAt: row.occurred_at,
    type: row.type,
    typeVersion: row.type_version,
    audience: row.audience,
    chain: row.chain,
    invoiceId: row.invoice_id,
    invoiceNumber,
    source: row.source,
    commitment: row.commitment,
    hash: row.hash,
    salt: row.salt,
    data: row.data,
  };
}

/**
 * What a spreadsheet would run as a formula: at the start, and behind a semicolon, at which programs of
 * many countries split.
 */
const formula = /(^[\t\r]*|;\s*)(?=[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20])/g;
const splitFormula = /;(?=\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])/g;

/** A text gets a quote before a formula; JSON says the same with the semicolon before it escaped. */
const safe: Record<"text" | "json", (value: string) => string> = {
  text: (value) => value.replaceAll(formula, "$1'"),
  json: (value) => value.replaceAll(splitFormula, "\\u003b"),
};

function cell(column: (typeof columns)[number], value: string | number | null): string {
  if (value === null) return "";
  const isJson = column === "data" || column === "source";
  const text = typeof value === "string" ? safe[isJson ? "json" : "text"](value) : String(value);
  return /[",;\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
