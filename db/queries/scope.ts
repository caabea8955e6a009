import { type Compilable, sql } from "kysely";
import { compiled } from "#db/compiled.ts";
import type { Db } from "#db/connect.ts";
import { isPostgres } from "#db/postgres.ts";
import type { Membership, Session } from "./people.ts";

interface CustomerFields {
  customerId: string;
  customerName: string;
  userId: string;
  userName: string;
  /** `owner` and `admin` may invite colleagues, `member` may not. */
  role: string;
}

/**
 * A signed-in person acting for one customer. A class with a private part, so that nothing else can
 * pass for one: only what knows a session or an API key makes it.
 */
export class CustomerScope {
  readonly #made = true;
  readonly customerId: string;
  readonly customerName: string;
  readonly userId: string;
  readonly userName: string;
  readonly role: string;

  constructor(fields: CustomerFields) {
    this.customerId = fields.customerId;
    this.customerName = fields.customerName;
    this.userId = fields.userId;
    this.userName = fields.userName;
    this.role = fields.role;
  }

  /** Whether this person may invite colleagues of the same customer. */
  get administers(): boolean {
    return this.#made && (this.role === "owner" || this.role === "admin");
  }
}

export const staffRoles = ["finance", "administrator", "auditor"] as const;
export type StaffRole = (typeof staffRoles)[number];

/** A signed-in person of the supplier; only `requireStaff` makes it. */
export class StaffScope {
  readonly #made = true;
  readonly userId: string;
  readonly name: string;
  readonly role: StaffRole;

  constructor(fields: { userId: string; name: string; role: StaffRole }) {
    this.userId = fields.userId;
    this.name = fields.name;
    this.role = fields.role;
  }

  /** An auditor reads everything and changes nothing. */
  get mayChange(): boolean {
    return this.#made && this.role !== "auditor";
  }
}

/** The only start of a customer's query about invoices: the customer's own, without drafts. */
export function invoicesOf(db: Db, scope: CustomerScope) {
  return ownInvoices(db, scope.customerId);
}

/**
 * The same for a query that names its rows by their ids: SQLite would rather walk through all of the
 * customer's, since it does not know how many those are.
 */
export function invoicesById(db: Db, scope: CustomerScope): ReturnType<typeof ownInvoices> {
  if (isPostgres(db)) return invoicesOf(db, scope);
  return db
    .selectFrom("invoices")
    .where(sql<string>`+invoices.customer_id`, "=", scope.customerId)
    .where("invoices.status", "!=", "draft");
}

function ownInvoices(db: Db, customerId: string) {
  return db
    .selectFrom("invoices")
    .where("invoices.customer_id", "=", customerId)
    .where("invoices.status", "!=", "draft");
}

/** Ids of a customer's own records: their chains hold all that its people may read. */
export function ownRecords(db: Db, scope: CustomerScope) {
  return db
    .selectFrom("customer_records")
    .where("customer_records.customer_id", "=", scope.customerId)
    .select("customer_records.id");
}

/** The same for a hot query, which is compiled once and then run for a scope. */
export function compiledFor<Values extends object, Row>(
  build: (
    invoices: ReturnType<typeof ownInvoices>,
    value: (name: keyof Values & string) => never,
    db: Db,
  ) => Compilable<Row>,
): (db: Db, scope: CustomerScope, values: Values) => Promise<Row[]> {
  const query = compiled<Values & { customer: string }, Row>((db, value) =>
    build(ownInvoices(db, value("customer")), value, db),
  );
  return (db, scope, values) => query(db, { ...values, customer: scope.customerId });
}

/** The scope of a session's person for one of their customers; null when it is none of theirs. */
export function customerScopeOf(
  session: Session,
  customers: Membership[],
  id: string | undefined,
): CustomerScope | null {
  const customer = customers.find(({ customerId }) => customerId === id);
  if (!customer) return null;
  return new CustomerScope({
    customerId: customer.customerId,
    customerName: customer.name,
    userId: session.userId,
    userName: session.name,
    role: customer.role,
  });
}

/** The staff role of a session's person; undefined for customer users. */
export function staffRoleOf(session: Pick<Session, "staffRole">): StaffRole | undefined {
  return staffRoles.find((role) => role === session.staffRole);
}
