import Database from "better-sqlite3";
import { z } from "zod";
import { balanceOf, ErpInvoice, isHeld, isOpen, type Invoice } from "./invoice.ts";
import { createWebhookTable } from "./webhook-queue.ts";

export type Store = Database.Database;

const Row = z.object({ document: z.string() });
const Customer = z.object({ id: z.string(), name: z.string(), email: z.string().nullable() });
export type Customer = z.infer<typeof Customer>;

/** Which invoices a list shows. */
export const Show = z.enum(["all", "unpaid", "overdue", "disputed"]);
export type Show = z.infer<typeof Show>;

/** Opens the ERP's own SQLite file, and creates it with its tables when it is new. */
export function openStore(file: string): Store {
  const store = new Database(file);
  store.pragma("journal_mode = WAL");
  store.exec(`
    create table if not exists invoices (
      id text primary key, number text not null unique, customer_name text not null,
      po_number text, issued_on text not null, due_on text not null, balance integer not null,
      held integer not null, disputed integer not null, updated_at text not null,
      document text not null
    );
    create index if not exists invoices_updated on invoices (updated_at, id);
    create index if not exists invoices_issued on invoices (issued_on, number);
    create table if not exists customers (id text primary key, name text not null, email text);
    create table if not exists counters (prefix text primary key, value integer not null);
    create table if not exists write_backs (
      id text primary key, status integer not null, reference text not null
    );
    create table if not exists write_back_log (
      sequence integer primary key, at text not null, webhook_id text, type text, invoice_id text,
      status integer, answer text not null
    );
  `);
  createWebhookTable(store);
  return store;
}

/** Puts ready-made invoices in as they are: versions stay, no webhook is sent. Replaces by id. */
export function loadInvoices(store: Store, invoices: readonly ErpInvoice[]): void {
  store.transaction(() => {
    for (const given of invoices) {
      const invoice = ErpInvoice.parse(given);
      saveInvoice(store, invoice);
      const issued = [...invoice.payments, ...invoice.credits].map(({ id }) => id);
      const allotted = [...invoice.disputes, ...invoice.comments, ...invoice.promises];
      for (const used of [invoice.number, ...issued, ...allotted.map((one) => one.reference)]) {
        reserve(store, used);
      }
    }
  })();
}

/** Writes one invoice and what lists need of it; the caller has raised `version` and `updatedAt`. */
export function saveInvoice(store: Store, invoice: Invoice): void {
  const { customer } = invoice;
  store
    .prepare("insert or replace into customers (id, name, email) values (:id, :name, :email)")
    .run(customer);
  store
    .prepare(
      `insert or replace into invoices values (:id, :number, :customerName, :poNumber, :issuedOn,
       :dueOn, :balance, :held, :disputed, :updatedAt, :document)`,
    )
    .run({
      id: invoice.id,
      number: invoice.number,
      customerName: customer.name,
      poNumber: invoice.poNumber,
      issuedOn: invoice.issuedOn,
      dueOn: invoice.dueOn,
      balance: balanceOf(invoice),
      held: isHeld(invoice) ? 1 : 0,
      disputed: invoice.disputes.some(isOpen) ? 1 : 0,
      updatedAt: invoice.updatedAt,
      document: JSON.stringify(invoice),
    });
}

/** The invoice with this id, or null. */
export function findInvoice(store: Store, id: string): Invoice | null {
  return toInvoice(store.prepare("select document from invoices where id = ?").get(id));
}

/** The invoice with this number, or null. */
export function findByNumber(store: Store, number: string): Invoice | null {
  return toInvoice(store.prepare("select document from invoices where number = ?").get(number));
}

type Search = { text: string; show: Show; day: string; limit: number; offset: number };

/** One page of invoices, newest first, and how many there are; `text` looks in number, customer and order. */
export function searchInvoices(store: Store, { text, show, day, limit, offset }: Search) {
  const where = `
    (number like :like escape '\\' or customer_name like :like escape '\\' or po_number like :like escape '\\')
    and (:show = 'all' or (:show = 'disputed' and disputed = 1)
      or (:show = 'unpaid' and held = 0 and balance > 0)
      or (:show = 'overdue' and held = 0 and balance > 0 and due_on < :day))`;
  const like = `%${text.replace(/[\\%_]/g, "\\$&")}%`;
  const count = store.prepare(`select count(*) from invoices where ${where}`).pluck();
  const page = store.prepare(
    `select document from invoices where ${where} order by issued_on desc, number desc limit :limit offset :offset`,
  );
  return {
    count: z.int().parse(count.get({ like, show, day })),
    invoices: toInvoices(page.all({ like, show, day, limit, offset })),
  };
}

type After = { since: string; updatedAt: string; id: string; limit: number };

/** Invoices changed at or after `since` and after the place (updatedAt, id), oldest change first. */
export function changedAfter(store: Store, { since, updatedAt, id, limit }: After): Invoice[] {
  const rows = store
    .prepare(
      "select document from invoices where updated_at >= ? and (updated_at, id) > (?, ?) order by updated_at, id limit ?",
    )
    .all(since, updatedAt, id, limit);
  return toInvoices(rows);
}

/** Unpaid, undisputed invoices, oldest first: what made-up activity may touch without disturbing a person. */
export function quietUnpaid(store: Store, position: { limit: number; offset: number }): Invoice[] {
  const rows = store
    .prepare(
      "select document from invoices where held = 0 and disputed = 0 and balance > 0 order by issued_on, number limit :limit offset :offset",
    )
    .all(position);
  return toInvoices(rows);
}

/** How many invoices `quietUnpaid` could give. */
export function countQuietUnpaid(store: Store): number {
  const sql = "select count(*) from invoices where held = 0 and disputed = 0 and balance > 0";
  return z.int().parse(store.prepare(sql).pluck().get());
}

/** The first 500 customers by name. */
export function listCustomers(store: Store): Customer[] {
  const rows = store.prepare("select * from customers order by name, id limit 500").all();
  return z.array(Customer).parse(rows);
}

/** The instant of the newest change of all, or null in an empty store. */
export function newestChangeAt(store: Store): string | null {
  const newest = store.prepare("select max(updated_at) from invoices").pluck().get();
  return z.string().nullable().parse(newest);
}

/** Allots the next number after a prefix, once: CASE-001, then CASE-002. */
export function allot(store: Store, prefix: string, digits = 3): string {
  const value = store
    .prepare(
      "insert into counters values (?, 1) on conflict (prefix) do update set value = value + 1 returning value",
    )
    .pluck()
    .get(prefix);
  return `${prefix}${String(z.int().parse(value)).padStart(digits, "0")}`;
}

/** Keeps `allot` from giving out a number that loaded data already uses. */
function reserve(store: Store, used: string): void {
  const match = /^(.*?)(\d{1,9})$/.exec(used);
  if (!match) return;
  store
    .prepare(
      "insert into counters values (?, ?) on conflict (prefix) do update set value = max(value, excluded.value)",
    )
    .run(match[1], Number(match[2]));
}

function toInvoice(row: unknown): Invoice | null {
  return row === undefined ? null : ErpInvoice.parse(JSON.parse(Row.parse(row).document));
}

function toInvoices(rows: unknown[]): Invoice[] {
  return rows.map((row) => ErpInvoice.parse(JSON.parse(Row.parse(row).document)));
}
