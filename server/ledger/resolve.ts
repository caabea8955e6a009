import { compiled, compiledWrite } from "#db/compiled.ts";
import type { Db } from "#db/connect.ts";
import type { CustomerRecordRow } from "#db/schema/invoices.ts";
import type { InvoiceRef, InvoiceSnapshot } from "#domain/change.ts";
import { newId } from "#domain/id.ts";
import type { Instant } from "#domain/time.ts";

const namedInvoice = compiled<{ connection: string; name: string }, { invoice_id: string }>(
  (db, value) =>
    db
      .selectFrom("invoice_names")
      .select("invoice_id")
      .where("connection_id", "=", value("connection"))
      .where("name", "=", value("name")),
);
const insertName = compiledWrite<{ connection: string; name: string; invoice: string }>(
  (db, value) =>
    db
      .insertInto("invoice_names")
      .values({
        connection_id: value("connection"),
        name: value("name"),
        invoice_id: value("invoice"),
      })
      .onConflict((conflict) => conflict.doNothing()),
);
const findRecord = compiled<{ connection: string; key: string }, { id: string }>((db, value) =>
  db
    .selectFrom("customer_records")
    .select("id")
    .where("connection_id", "=", value("connection"))
    .where("external_key", "=", value("key")),
);

const linkedCustomer = compiled<{ record: string }, { customer_id: string | null }>((db, value) =>
  db.selectFrom("customer_records").select("customer_id").where("id", "=", value("record")),
);

/** The company that a customer record is linked to. */
export async function customerOf(db: Db, record: string): Promise<string | null> {
  return (await linkedCustomer(db, { record }))[0]?.customer_id ?? null;
}

/** How a connection calls an invoice, most certain first: its id, then the number it prints. */
export function namesOf(ref: InvoiceRef): string[] {
  const names: string[] = [];
  if (ref.externalId !== undefined) names.push(`id:${ref.externalId}`);
  if (ref.number !== undefined) names.push(`no:${ref.number}`);
  return names;
}

/** Several invoices carry the number by which a connection speaks of one: nobody can say which is meant. */
export const ambiguous = Symbol("ambiguous");

/** Under which a second invoice stands that a connection gave a number which another has already. */
const alsoNamed = (number: string) => `also:${number}`;

/** The invoice that a connection means, or null. Two ids with one number are two invoices. */
export async function findByRef(
  db: Db,
  connection: string,
  ref: InvoiceRef,
): Promise<string | null | typeof ambiguous> {
  const [byId] = ref.externalId
    ? await namedInvoice(db, { connection, name: `id:${ref.externalId}` })
    : [];
  if (byId) return byId.invoice_id;
  if (!ref.number) return null;
  const [byNumber] = await namedInvoice(db, { connection, name: `no:${ref.number}` });
  if (!byNumber) return null;
  if (ref.externalId === undefined) {
    const [second] = await namedInvoice(db, { connection, name: alsoNamed(ref.number) });
    return second ? ambiguous : byNumber.invoice_id;
  }
  const other = await db
    .selectFrom("invoice_names")
    .select("name")
    .where("invoice_id", "=", byNumber.invoice_id)
    .where("connection_id", "=", connection)
    .where("name", "like", "id:%")
    .executeTakeFirst();
  return other ? null : byNumber.invoice_id;
}

/** Whether a connection calls another invoice so already. */
export async function isTaken(
  db: Db,
  name: string,
  { connection, invoice }: { connection: string; invoice: string | null },
): Promise<boolean> {
  const [holder] = await namedInvoice(db, { connection, name });
  return holder !== undefined && holder.invoice_id !== invoice;
}

/** Under which a name waits that some other connection will use. */
const anyConnection = "*";

/** Remembers how another connection is said to call this invoice, should it describe it later. */
export async function nameElsewhere(
  trx: Db,
  { sameAs }: InvoiceSnapshot,
  invoice: string,
): Promise<void> {
  if (!sameAs) return;
  const refs = [{ externalId: sameAs.externalId }];
  await nameInvoice(trx, sameAs.connection ?? anyConnection, { refs, invoice });
}

/**
 * Remembers what a connection calls an invoice. A name that is taken stays with its first invoice; a
 * number is then known to be ambiguous.
 */
export async function nameInvoice(
  trx: Db,
  connection: string,
  { refs, invoice }: { refs: InvoiceRef[]; invoice: string },
): Promise<void> {
  const names = new Set(refs.flatMap(namesOf));
  for (const name of names) {
    const written = await insertName(trx, { connection, name, invoice });
    if (written > 0 || !name.startsWith("no:")) continue;
    if (!(await isTaken(trx, name, { connection, invoice }))) continue;
    await insertName(trx, { connection, name: alsoNamed(name.slice(3)), invoice });
  }
}

interface Elsewhere {
  invoice: string;
  /** It is only alike: nobody said that it is the same. */
  isAlike: boolean;
}

/**
 * An invoice that another connection already described: by explicit reference, or the only one of the
 * same number, customer, currency and total. Whether two that are alike may be joined is for the caller
 * (design, section 3, rule 4).
 */
export async function findElsewhere(
  db: Db,
  connection: string,
  { snapshot, record }: { snapshot: InvoiceSnapshot; record: string | null },
): Promise<Elsewhere | null> {
  const { sameAs } = snapshot;
  if (sameAs) {
    const name = `id:${sameAs.externalId}`;
    let query = db.selectFrom("invoice_names").select("invoice_id").where("name", "=", name);
    if (sameAs.connection) query = query.where("connection_id", "=", sameAs.connection);
    else query = query.where("connection_id", "!=", connection);
    const [found, other] = await query.limit(2).execute();
    if (found && !other) return { invoice: found.invoice_id, isAlike: false };
  }
  const [alias] = snapshot.externalId
    ? await namedInvoice(db, { connection: anyConnection, name: `id:${snapshot.externalId}` })
    : [];
  if (alias) return { invoice: alias.invoice_id, isAlike: false };
  const alike = record === null ? null : await findAlike(db, connection, { snapshot, record });
  return alike === null ? null : { invoice: alike, isAlike: true };
}

async function findAlike(
  db: Db,
  connection: string,
  { snapshot, record }: { snapshot: InvoiceSnapshot; record: string },
): Promise<string | null> {
  const { number, total } = snapshot;
  if (!number || !total) return null;
  const customer = await customerOf(db, record);
  if (customer === null) return null;
  const equal = await db
    .selectFrom("invoices")
    .select("id")
    .where("customer_id", "=", customer)
    .where("number_key", "=", number.toUpperCase())
    .where("currency", "=", total.currency)
    .where("total", "=", total.amount)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom("invoice_names")
            .select("invoice_names.name")
            .whereRef("invoice_names.invoice_id", "=", "invoices.id")
            .where("invoice_names.connection_id", "=", connection),
        ),
      ),
    )
    .limit(2)
    .execute();
  return equal.length === 1 && equal[0] ? equal[0].id : null;
}

/**
 * Ids of records by what their connection calls them; they never change. By database: a transaction that
 * made a record may be undone, and what it finds is not kept.
 */
const kept = new WeakMap<object, Map<string, string>>();
const mostKept = 10_000;
const making = new WeakSet<Db>();

/**
 * The connection's record of a customer, made at first sight, without users until somebody links it.
 * Gives its id; null when the customer has neither id nor name.
 */
export async function customerRecordOf(
  trx: Db,
  connection: string,
  { customer, now }: { customer: NonNullable<InvoiceSnapshot["customer"]>; now: Instant },
): Promise<string | null> {
  const name = customer.name?.trim() ?? "";
  const key = customer.externalId ? `id:${customer.externalId}` : `name:${normalised(name)}`;
  if (key === "name:") return null;
  const ids = keptIn(trx);
  const place = `${connection} ${key}`;
  const remembered = ids.get(place);
  if (remembered !== undefined) return remembered;
  const [known] = await findRecord(trx, { connection, key });
  if (known) {
    if (!making.has(trx)) ids.set(place, known.id);
    return known.id;
  }
  const record: CustomerRecordRow = {
    id: newId("crd"),
    connection_id: connection,
    external_key: key,
    name: name || (customer.externalId ?? ""),
    email: customer.email ?? null,
    customer_id: null,
    created_at: now,
  };
  await trx.insertInto("customer_records").values(record).execute();
  making.add(trx);
  return record.id;
}

function keptIn(trx: Db): Map<string, string> {
  const database = trx.getExecutor().adapter;
  const ids = kept.get(database) ?? new Map<string, string>();
  if (ids.size >= mostKept) ids.clear();
  kept.set(database, ids);
  return ids;
}

function normalised(name: string): string {
  return name.normalize("NFKC").toLowerCase().replace(/\s+/g, " ").trim();
}
