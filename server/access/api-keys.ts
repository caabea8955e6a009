import { createHash, randomBytes } from "node:crypto";
import { z } from "zod";
import type { Db } from "#db/connect.ts";
import { insertKey, listKeyRows, revokeKeyRow } from "#db/queries/api-keys.ts";
import { findCustomer } from "#db/queries/customers.ts";
import type { Context } from "#server/context.ts";
import type { Source } from "#domain/event.ts";
import { newId } from "#domain/id.ts";
import { CalendarDate, plusDays, toInstant } from "#domain/time.ts";
import { RequestError } from "#server/errors.ts";
import type { Audit } from "#server/ledger/audit.ts";
import { audited } from "#server/audit/audited.ts";
import { nameOf } from "#domain/name.ts";
import { PickedCustomer, pickedId } from "#server/disputes/picked.ts";

export const KeyRole = z.enum(["finance", "auditor", "administrator", "customer"]);
export type KeyRole = z.infer<typeof KeyRole>;

/** A key for a program: of the supplier with a role, or of one customer. */
export const KeyForm = z
  .object({
    name: nameOf({ missing: "Name the program that uses it", longest: 100 }),
    role: KeyRole,
    ...PickedCustomer.shape,
    /** The last day in UTC on which it is valid; empty: until it is revoked. */
    expires: z.union([z.literal(""), CalendarDate]).default(""),
  })
  .refine((form) => (form.role === "customer") === (form.customer + form.customerName !== ""), {
    path: ["customer"],
    message: "A customer's key names its customer, other keys name none",
  });

export interface KeyDescription {
  id: string;
  name: string;
  role: KeyRole;
  customer: string | null;
  createdAt: string;
  expiresAt: string | null;
  /** The last day in UTC on which it is valid. */
  validThrough: CalendarDate | null;
  revokedAt: string | null;
  lastUsedAt: string | null;
  /** The user who made it; null: a command did. */
  madeBy: string | null;
}

/**
 * Makes a key. The key itself is given here once and stored only as its hash.
 * Throws 422 when there is no such customer, or when the day is over already.
 */
export async function createKey(
  context: Context,
  source: Source,
  { name, role, customer = "", customerName = "", expires }: z.input<typeof KeyForm>,
): Promise<{ id: string; name: string; role: KeyRole; customer: string | null; key: string }> {
  const now = toInstant(context.clock());
  const expiresAt = expires ? `${plusDays(expires, 1)}T00:00:00.000Z` : null;
  if (expiresAt !== null && expiresAt <= now) {
    const message = "This day is over";
    throw new RequestError(422, message, { fields: { expires: message } });
  }
  const picked = await pickedId(context.db, "customer", { id: customer, name: customerName });
  const customerId = role === "customer" ? picked : null;
  if (customerId !== null && !(await findCustomer(context.db, customerId))) {
    const message = "There is no such customer";
    throw new RequestError(422, message, { fields: { customer: message } });
  }
  const key = `ipk_${randomBytes(32).toString("base64url")}`;
  const id = newId("key");
  return audited(context, async (trx) => {
    await insertKey(trx, {
      id,
      name,
      role,
      customer_id: customerId,
      hash: hashOfKey(key),
      created_at: now,
      expires_at: expiresAt,
      revoked_at: null,
      last_used_at: null,
      made_by: source.kind === "user" ? source.user : null,
    });
    const details = { name, role, customer: customerId, expiresAt };
    return {
      result: { id, name, role, customer: customerId, key },
      note: { source, action: "api_key_created", subject: id, details },
    };
  });
}

/** Ends a key at once. Throws 404 when there is none, or when it was revoked before. */
export async function revokeKey(context: Context, source: Source, id: string): Promise<void> {
  await audited(context, async (trx) => ({
    result: null,
    note: await revokeKeyIn(trx, context, { source, id }),
  }));
}

/** The same inside a transaction of the caller, who writes to the ledger what this gives. */
export async function revokeKeyIn(
  trx: Db,
  { clock }: Pick<Context, "clock">,
  { source, id }: { source: Source; id: string },
): Promise<Audit> {
  const key = await revokeKeyRow(trx, id, toInstant(clock()));
  if (!key) throw new RequestError(404, "There is no such key, or it was revoked before");
  return { source, action: "api_key_revoked", subject: id, details: { name: key.name } };
}

/** Every key without its secret, newest first. */
export async function listKeys({ db }: Pick<Context, "db">): Promise<KeyDescription[]> {
  const rows = await listKeyRows(db);
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    role: KeyRole.parse(row.role),
    customer: row.customer_id,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    validThrough: row.expires_at === null ? null : plusDays(row.expires_at.slice(0, 10), -1),
    revokedAt: row.revoked_at,
    lastUsedAt: row.last_used_at,
    madeBy: row.made_by,
  }));
}

/** Hex SHA-256, as keys are stored: 32 random bytes need no slow hash. */
export function hashOfKey(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}
