import type { Kysely } from "kysely";
import { create, type Statement } from "#db/create.ts";
import { runtimeRole } from "#db/postgres.ts";

/** Deliveries, ledger, projections, outbox. Columns are described in `schema.ts`. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await create(db, statements);
}

const statements: Statement[] = [
  {
    sqlite: [],
    // Whoever migrates owns the tables; the portal runs as a role that may change rows alone.
    postgres: [
      `do $$ begin
        if not exists (select from pg_roles where rolname = '${runtimeRole}') then
          create role ${runtimeRole} nologin;
          execute format('grant ${runtimeRole} to %I', current_user);
        elsif not pg_has_role(current_user, '${runtimeRole}', 'member') then
          raise insufficient_privilege using message =
            'another portal of this cluster made the role ${runtimeRole}: as a superuser, grant it to '
            || current_user || ' first';
        end if;
      end $$`,
      `grant usage on schema public to ${runtimeRole}`,
      `grant select on kysely_migration, kysely_migration_lock to ${runtimeRole}`,
      `alter default privileges in schema public
        grant select, insert, update, delete on tables to ${runtimeRole}`,
    ],
  },
  `create table deliveries (
    id integer primary key autoincrement, connection_id text not null, dedupe_key text not null,
    method text not null, path text not null, headers text not null, body blob not null,
    received_at text not null, attempts integer not null default 0, due_at text, processed_at text,
    dead_at text, error text, first_sequence integer, last_sequence integer,
    origin text not null default 'receive', unique (connection_id, dedupe_key))`,
  `create index deliveries_due on deliveries (due_at, id) where due_at is not null`,
  `create index deliveries_connection on deliveries (connection_id, id, received_at)`,
  `create index deliveries_dead on deliveries (id) where dead_at is not null`,
  `create table refused (
    id integer primary key autoincrement, connection_id text not null, at text not null,
    status integer not null, reason text not null, method text not null, headers text not null,
    body blob not null)`,
  `create index refused_connection on refused (connection_id, id)`,
  `create table connections (
    id text primary key, system text not null, name text not null, kind text not null,
    settings text not null, secrets blob not null, created_at text not null, paused_at text,
    from_file_at text, receives_disputes_at text, last_delivery_at text,
    delivered integer not null default 0, refused integer not null default 0,
    pinged integer not null default 0, app text, account text, grant_id text,
    last_sequence integer)`,
  `create unique index connections_account on connections (app, account) where app is not null`,
  `create table oauth_grants (
    id text primary key, app text not null, tokens blob not null, version integer not null,
    access_expires_at text not null, refresh_expires_at text, refreshing_until text,
    granted_by text not null, granted_at text not null, refreshed_at text not null,
    broken_at text, fault text)`,
  `create table connect_requests (
    state text primary key, app text not null, session text not null, verifier blob not null,
    expires_at text not null)`,
  `create table reconcile_cursors (
    connection_id text primary key, since text not null, cursor text, run_id text,
    passes integer not null, due_at text not null, leased_until text)`,
  `create table reconcile_runs (
    id text primary key, connection_id text not null, since text not null, began_at text not null,
    ended_at text, failed_at text, error text, read integer not null, differed integer not null)`,
  `create index reconcile_runs_connection on reconcile_runs (connection_id, began_at)`,
  `create table customer_records (
    id text primary key, connection_id text not null, external_key text not null,
    name text not null, email text, customer_id text, created_at text not null,
    unique (connection_id, external_key))`,
  `create index customer_records_customer on customer_records (customer_id)`,
  `create table events (
    sequence integer primary key, chain text not null, type text not null,
    type_version integer not null, audience text not null, invoice_id text,
    occurred_at text not null, recorded_at text not null, source text not null,
    commitment text not null, hash text not null, salt text, data text)`,
  `create index events_chain on events (chain, sequence)`,
  `create index events_invoice on events (invoice_id, sequence) where invoice_id is not null`,
  {
    sqlite: [
      `create trigger events_no_update before update on events
        begin select raise(abort, 'the ledger is append-only'); end`,
      `create trigger events_no_delete before delete on events
        begin select raise(abort, 'the ledger is append-only'); end`,
    ],
    postgres: [
      `create function refuse_change() returns trigger language plpgsql as
        $$ begin raise exception 'the ledger is append-only'; end $$`,
      `create trigger events_no_change before update or delete or truncate on events
        for each statement execute function refuse_change()`,
      `revoke update, delete on events from ${runtimeRole}`,
    ],
  },
  `create table ledger_head (
    id integer primary key check (id = 1), sequence integer not null, recorded_at text not null)`,
  `insert into ledger_head values (1, 0, '1970-01-01T00:00:00.000Z')`,
  `create table invoice_facts (invoice_id text primary key, facts text not null)`,
  `create table invoice_names (
    connection_id text not null, name text not null, invoice_id text not null,
    primary key (connection_id, name)) without rowid`,
  `create index invoice_names_invoice on invoice_names (invoice_id)`,
  `create table invoices (
    id text primary key, number text not null, number_key text not null,
    customer_record_id text not null, customer_id text, customer_name text not null,
    owner text not null, external_id text, status text not null, dispute text not null,
    currency text not null, total integer not null, paid integer not null,
    credited integer not null, due integer not null, issued_on text, due_on text, po_key text,
    description text, search_id integer not null, view text not null, updated_at text not null, sequence integer not null)`,
  `create index invoices_customer_due_on on invoices (customer_id, due_on, id)`,
  `create index invoices_customer_issued_on on invoices (customer_id, issued_on, id)`,
  `create index invoices_customer_number on invoices (customer_id, number_key, id)`,
  `create index invoices_customer_po on invoices (customer_id, po_key)`,
  `create index invoices_customer_total on invoices (customer_id, total, id)`,
  `create index invoices_customer_due on invoices (customer_id, due)`,
  `create index invoices_customer_status on invoices (
    customer_id, status, due_on, id, currency, due, total)`,
  `create index invoices_customer_dispute on invoices (customer_id, dispute, due_on, id)`,
  `create index invoices_number on invoices (number_key)`,
  `create index invoices_sequence on invoices (sequence)`,
  `create index invoices_status on invoices (status, sequence)`,
  `create index invoices_owner on invoices (owner, sequence)`,
  `create index invoices_external on invoices (external_id)`,
  `create index invoices_record on invoices (customer_record_id)`,
  `create index invoices_unpaid on invoices (due_on) where status in ('open', 'partially_paid')`,
  {
    sqlite: [
      `create virtual table invoice_search using fts5 (
        invoice_id unindexed, scope, words, tokenize = 'unicode61 remove_diacritics 2')`,
    ],
    // `words` is folded and parted by spaces there, and the customer record is one word more.
    postgres: [
      `create table invoice_search (rowid bigint primary key, invoice_id text collate "C" not null,
        scope text collate "C" not null, words text collate "C" not null)`,
      `create index invoice_search_words on invoice_search using gin (
        array_to_tsvector(array_append(string_to_array(words, ' '), scope)))`,
    ],
  },
  `create table disputes (
    id text primary key, number text not null, invoice_id text not null,
    customer_record_id text not null, customer_id text, state text not null, reason text not null,
    currency text not null, amount integer not null, whole_at text, lines text not null,
    message text not null, customer_reference text, external_id text, opened_by text not null,
    opened_side text not null, opened_at text not null, first_response_due_at text not null,
    responded_at text, closed_at text, processor text, credited_amount integer,
    credit_expected integer, answer text, updated_at text not null, sequence integer not null)`,
  `create index disputes_invoice on disputes (invoice_id)`,
  `create index disputes_number on disputes (number)`,
  `create index disputes_customer on disputes (customer_id, state)`,
  `create index disputes_sequence on disputes (sequence)`,
  `create index disputes_queue on disputes (state, first_response_due_at)`,
  `create table comments (
    id text primary key, invoice_id text not null, dispute_id text, audience text not null,
    side text not null, author text not null, text text not null, occurred_at text not null,
    sequence integer not null)`,
  `create index comments_invoice on comments (invoice_id, sequence)`,
  `create table promises (
    id text primary key, invoice_id text not null, promised_on text not null,
    amount integer not null, currency text not null, author text not null, state text not null,
    made_at text not null, sequence integer not null)`,
  `create index promises_invoice on promises (invoice_id)`,
  `create index promises_made on promises (promised_on) where state = 'made'`,
  `create table unmatched (
    id integer primary key autoincrement, connection_id text not null, delivery_id integer,
    name text not null, change text not null, received_at text not null, expires_at text not null,
    matched_at text)`,
  `create index unmatched_waiting on unmatched (connection_id, name) where matched_at is null`,
  `create index unmatched_delivery on unmatched (delivery_id)`,
  `create table outbox (
    id text primary key, kind text not null, sequence integer, invoice_id text,
    order_key text not null, once_key text not null unique, target text not null,
    what text not null, payload text not null, created_at text not null, due_at text not null,
    attempts integer not null default 0, state text not null default 'queued', done_at text,
    parked_at text, receipt text, last_answer text, updated_at text not null)`,
  `create index outbox_due on outbox (due_at) where done_at is null and parked_at is null`,
  `create index outbox_created on outbox (created_at, id)`,
  `create index outbox_state on outbox (state, created_at, id)`,
  `create index outbox_done on outbox (done_at) where done_at is not null`,
  `create index outbox_order on outbox (order_key, created_at) where done_at is null`,
  `create index outbox_invoice on outbox (invoice_id)`,
  `create index outbox_sequence on outbox (sequence)`,
  `create index outbox_parked on outbox (parked_at) where parked_at is not null`,
  `create table outbox_attempts (
    id integer primary key autoincrement, outbox_id text not null, at text not null,
    outcome text not null, answer text not null, duration_ms integer not null)`,
  `create index outbox_attempts_row on outbox_attempts (outbox_id, id)`,
  `create table settings (key text primary key, value text not null)`,
  `create table job_turns (job text primary key, taken_at text not null)`,
];
