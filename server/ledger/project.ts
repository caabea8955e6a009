import { z } from "zod";
import { compiled } from "#db/compiled.ts";
import type { Db } from "#db/connect.ts";
import { recordsBeside } from "#db/queries/records.ts";
import { searchText } from "#db/queries/search.ts";
import type { InvoiceRow, InvoiceSearchTable } from "#db/schema/invoices.ts";
import { isSameJson } from "#domain/canonical-json.ts";
import type { LedgerEvent } from "#domain/event.ts";
import { type InvoiceView } from "#domain/invoice.ts";
import { statusOf } from "#domain/invoice-sums.ts";
import { searchedText } from "#domain/searched-text.ts";
import { mostPressing } from "./dispute-rules.ts";
import { projectDispute } from "./project-dispute.ts";
import { projectWords } from "./project-words.ts";
import { customerOf } from "./resolve.ts";
import { applyEvent } from "./view.ts";

/** What of a row its view does not say. */
const around = ["customer_id", "dispute", "search_id"] as const;
type Around = Pick<InvoiceRow, (typeof around)[number]>;

const readInvoice = compiled<{ id: string }, Around & { view: string }>((db, value) =>
  db
    .selectFrom("invoices")
    .select([...around, "view"])
    .where("id", "=", value("id")),
);
const writeInvoice = compiled<InvoiceRow, unknown>((db, value) => {
  const changing = {
    number: value("number"),
    number_key: value("number_key"),
    customer_record_id: value("customer_record_id"),
    customer_id: value("customer_id"),
    customer_name: value("customer_name"),
    owner: value("owner"),
    external_id: value("external_id"),
    status: value("status"),
    dispute: value("dispute"),
    currency: value("currency"),
    total: value("total"),
    paid: value("paid"),
    credited: value("credited"),
    due: value("due"),
    issued_on: value("issued_on"),
    due_on: value("due_on"),
    po_key: value("po_key"),
    description: value("description"),
    view: value("view"),
    updated_at: value("updated_at"),
    sequence: value("sequence"),
  };
  return db
    .insertInto("invoices")
    .values({ id: value("id"), search_id: value("search_id"), ...changing })
    .onConflict((conflict) => conflict.column("id").doUpdateSet(changing));
});

const writeSums = compiled<InvoiceRow, unknown>((db, value) =>
  db
    .updateTable("invoices")
    .set({
      status: value("status"),
      paid: value("paid"),
      credited: value("credited"),
      due: value("due"),
      view: value("view"),
      updated_at: value("updated_at"),
      sequence: value("sequence"),
    })
    .where("id", "=", value("id")),
);

/** What shows in columns that `writeSums` leaves alone: each column named in an update has its indexes written again. */
const lasting = [
  "number",
  "customerRecord",
  "customerName",
  "owner",
  "externalId",
  "currency",
  "total",
  "issuedOn",
  "dueOn",
  "references",
  "description",
] as const satisfies (keyof InvoiceView)[];

// Views are written by this module alone and a change of their shape is rebuilt, so reading trusts it.
const StoredView = z.custom<InvoiceView>((value) => typeof value === "object" && value !== null);

/** The row that pages read: the view that events are derived against, and what is around it. */
export interface Projected {
  row: Around;
  view: InvoiceView;
}

export async function findProjected(db: Db, id: string): Promise<Projected | null> {
  const [row] = await readInvoice(db, { id });
  return row ? { row, view: StoredView.parse(JSON.parse(row.view)) } : null;
}

/**
 * Brings the projections up to these events, which are in order and about one invoice or none.
 * A pure function of events and of what earlier ones left: no clock, setting or random id.
 * `known` saves reading the invoice where the caller has just done so. Gives whose invoice it is now;
 * undefined where the events showed its reader nothing of it.
 */
export async function project(
  trx: Db,
  events: LedgerEvent[],
  known?: Projected | null,
): Promise<Shown | undefined> {
  const invoice = events[0]?.invoice ?? null;
  const shown =
    invoice === null ? undefined : await projectInvoice(trx, invoice, { events, known });
  for (const event of events) {
    await projectDispute(trx, event);
    await projectWords(trx, event);
    if (event.type === "record.linked") await link(trx, event, event.data.customer);
    if (event.type === "record.unlinked") await link(trx, event, null);
  }
  if (invoice !== null && events.some(changesDispute)) await showDispute(trx, invoice);
  return shown;
}

/** Also a move does: what the customer before disputed is not the new one's. */
function changesDispute({ type }: LedgerEvent): boolean {
  return type.startsWith("dispute.") || type === "invoice.moved_in";
}

/** Whose an invoice is: a customer record, and the customer that it is linked to. */
interface Shown {
  record: string;
  customer: string | null;
}

async function projectInvoice(
  trx: Db,
  id: string,
  { events, known: read }: { events: LedgerEvent[]; known: Projected | null | undefined },
): Promise<Shown | undefined> {
  const told = events.filter((event) => event.audience === "customer");
  if (told.length === 0) return undefined;
  const known = read === undefined ? await findProjected(trx, id) : read;
  let view = known?.view ?? null;
  for (const event of events) view = applyEvent(view, event);
  if (view === null) return undefined;
  const seen = await lastSeen(trx, told, view.customerRecord);
  if (!seen) return undefined;
  const hasMoved = known !== null && known.view.customerRecord !== view.customerRecord;
  const customer =
    known && !hasMoved ? known.row.customer_id : await customerOf(trx, view.customerRecord);
  const row = rowOf(id, view, {
    customer_id: customer,
    dispute: known?.row.dispute ?? "none",
    // A delivery that issues an invoice may go on to pay it: the first event is the one a replay begins with.
    search_id: known?.row.search_id ?? told[0]?.sequence ?? seen.sequence,
    updated_at: seen.recordedAt,
    sequence: seen.sequence,
  });
  const isSettling =
    known !== null && lasting.every((name) => isSameJson(view[name], known.view[name]));
  await (isSettling ? writeSums : writeInvoice)(trx, row);
  await writeSearch(trx, row, { view, known: known?.view ?? null });
  return { record: view.customerRecord, customer };
}

/** The last event that the invoice's present reader sees; another's go on after it was moved. */
async function lastSeen(
  trx: Db,
  told: LedgerEvent[],
  record: string,
): Promise<LedgerEvent | undefined> {
  const last = told.at(-1);
  if (last === undefined || last.chain === record) return last;
  const beside = await recordsBeside(trx, record).execute();
  const isRead = ({ chain }: LedgerEvent) =>
    chain === record || beside.some(({ id }) => id === chain);
  return told.findLast(isRead);
}

/** An invoice shows the most pressing of the disputes that its reader opened. */
async function showDispute(trx: Db, invoice: string): Promise<void> {
  const rows = await trx
    .selectFrom("disputes as d")
    .innerJoin("invoices as i", "i.id", "d.invoice_id")
    .where("d.invoice_id", "=", invoice)
    .where((row) =>
      row.or([
        row("d.customer_record_id", "=", row.ref("i.customer_record_id")),
        row("d.customer_id", "=", row.ref("i.customer_id")),
      ]),
    )
    .select("d.state")
    .execute();
  const dispute = mostPressing(rows.map(({ state }) => state));
  await trx.updateTable("invoices").set({ dispute }).where("id", "=", invoice).execute();
}

type Place = Around & Pick<InvoiceRow, "updated_at" | "sequence">;

function rowOf(id: string, view: InvoiceView, place: Place): InvoiceRow {
  const po = view.references.find(({ kind }) => kind === "po")?.value;
  return {
    id,
    number: view.number,
    number_key: view.number.toUpperCase(),
    customer_record_id: view.customerRecord,
    customer_id: place.customer_id,
    customer_name: view.customerName,
    owner: view.owner,
    external_id: view.externalId,
    status: statusOf(view),
    dispute: place.dispute,
    currency: view.currency,
    total: view.total,
    paid: view.paid,
    credited: view.credited,
    // Nothing is asked for a voided or written-off invoice, whatever its sums say.
    due: view.state === "void" || view.state === "written_off" ? 0 : view.due,
    issued_on: view.issuedOn,
    due_on: view.dueOn,
    po_key: po?.toUpperCase() ?? null,
    description: view.description,
    search_id: place.search_id,
    view: JSON.stringify(view),
    updated_at: place.updated_at,
    sequence: place.sequence,
  };
}

type Link = Extract<LedgerEvent, { type: "record.linked" | "record.unlinked" }>;

/** A customer record's invoices belong to the company it is linked to: for its readers they are news. */
async function link(trx: Db, event: Link, customer: string | null): Promise<void> {
  const record = event.data.customerRecord;
  const to = { customer_id: customer };
  const seen = { updated_at: event.recordedAt, sequence: event.sequence };
  await trx.updateTable("customer_records").set(to).where("id", "=", record).execute();
  await trx
    .updateTable("invoices")
    .set({ ...to, ...seen })
    .where("customer_record_id", "=", record)
    .execute();
  await trx.updateTable("disputes").set(to).where("customer_record_id", "=", record).execute();
  for (const invoice of await movedWithDisputes(trx, record)) await showDispute(trx, invoice);
}

/** Invoices that were disputed under one record and are another's now, when this is one of the two. */
async function movedWithDisputes(trx: Db, record: string): Promise<string[]> {
  const moved = trx
    .selectFrom("disputes as d")
    .innerJoin("invoices as i", "i.id", "d.invoice_id")
    .whereRef("d.customer_record_id", "!=", "i.customer_record_id");
  const opened = await moved.where("d.customer_record_id", "=", record).select("i.id").execute();
  const owned = await moved.where("i.customer_record_id", "=", record).select("i.id").execute();
  return [...new Set([...opened, ...owned].map(({ id }) => id))];
}

const removeWords = compiled<{ rowid: number }, unknown>((db, value) =>
  db.deleteFrom("invoice_search").where("rowid", "=", value("rowid")),
);
const insertWords = compiled<InvoiceSearchTable, unknown>((db, value) =>
  db.insertInto("invoice_search").values({
    rowid: value("rowid"),
    invoice_id: value("invoice_id"),
    text: value("text"),
    words: value("words"),
  }),
);

/** What people search by. */
const searched = [
  "customerRecord",
  "number",
  "customerName",
  "description",
  "references",
  "lines",
] as const satisfies (keyof InvoiceView)[];

/** What an invoice is found by; written only when it changed. */
async function writeSearch(
  trx: Db,
  row: InvoiceRow,
  { view, known }: { view: InvoiceView; known: InvoiceView | null },
): Promise<void> {
  if (known && searched.every((name) => isSameJson(known[name], view[name]))) return;
  if (known) await removeWords(trx, { rowid: row.search_id });
  const text = searchedText(view);
  const words = searchText(view.customerRecord, text);
  await insertWords(trx, { rowid: row.search_id, invoice_id: row.id, text, words });
}
