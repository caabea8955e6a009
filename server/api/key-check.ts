import type { AppLoadContext } from "@remix-run/node";
import { findKeyByHash, touchKey } from "#db/queries/api-keys.ts";
import { findCustomer } from "#db/queries/customers.ts";
import type { Db } from "#db/connect.ts";
import { readSupplier } from "#db/queries/settings.ts";
import { CustomerScope } from "#db/queries/scope.ts";
import type { Context } from "#server/context.ts";
import { toInstant } from "#domain/time.ts";
import { RequestError } from "#server/errors.ts";
import type { Actor } from "#server/people/actor.ts";
import { hashOfKey, KeyRole } from "#server/access/api-keys.ts";
import { countBadKey } from "./key-limit.ts";
import { mayRole, type Right, rights } from "./rights.ts";

/** The program that asks. */
export interface Caller {
  id: string;
  name: string;
  role: KeyRole;
  /** Set for a customer's key: it sees that customer's own things and nothing else. */
  customer: CustomerScope | null;
}

/**
 * Who asks by `Authorization: Bearer` (RFC 6750). Throws 401 without a valid key, and 429 for a bad
 * one once its network sent too many; a valid key is taken whatever others send from there. Keys are looked up by their SHA-256, so no comparison can be timed.
 */
export async function requireKey(request: Request, context: AppLoadContext): Promise<Caller> {
  const given = request.headers.get("authorization");
  if (given === null) {
    throw unauthorized("Send a key as Authorization: Bearer ipk_…", 'Bearer realm="api"');
  }
  const [, key] = /^bearer +(ipk_[\w-]{43}) *$/i.exec(given) ?? [];
  const row = key === undefined ? undefined : await findKeyByHash(context.db, hashOfKey(key));
  const now = toInstant(context.clock());
  if (!row || (row.expires_at !== null && row.expires_at <= now)) {
    await countBadKey(context, context.remoteAddress);
    // Which of the three it is stays unsaid: whoever tries keys learns nothing.
    throw invalidKey("This key is unknown, revoked or expired");
  }
  await touchKey(context.writer, row, now);
  const { id, name } = row;
  return { id, name, role: KeyRole.parse(row.role), customer: await customerOf(context, row) };
}

async function customerOf(
  { db }: Context,
  key: { id: string; name: string; role: string; customer_id: string | null },
): Promise<CustomerScope | null> {
  if (key.role !== "customer") return null;
  const customer = key.customer_id === null ? undefined : await findCustomer(db, key.customer_id);
  if (!customer) throw invalidKey("The customer of this key is gone");
  return new CustomerScope({
    customerId: customer.id,
    customerName: customer.name,
    userId: key.id,
    userName: key.name,
    role: "member",
  });
}

/**
 * Throws 403 where the key's role lacks a right, and 404 for a customer's key: what is the supplier's
 * alone does not exist for it.
 */
export function requireRight({ role, customer }: Caller, right: Right): void {
  if (mayRole(role, right)) return;
  if (customer !== null) throw new RequestError(404, "There is nothing at this address");
  const owners = rights[right].roles.join(", ");
  throw new RequestError(403, `A key of the role ${role} may not do this; ${owners} may`, {
    headers: { "www-authenticate": 'Bearer realm="api", error="insufficient_scope"' },
  });
}

/**
 * Who writes: a program of the supplier or of the customer. The key's name is a free text, which would pass
 * for anybody's, so that it stands behind its owner's name alone.
 */
export async function actorOf(db: Db, { id, name: key, customer }: Caller): Promise<Actor> {
  const owner = customer?.customerName ?? (await readSupplier(db)).name;
  const name = `${owner}'s system (${key})`;
  const source = { kind: "operator", name: id } as const;
  if (customer === null) return { source, person: { id, name, side: "supplier" } };
  return { source, person: { id, name, side: "customer", customer: customer.customerId } };
}

function invalidKey(message: string): RequestError {
  return unauthorized(message, 'Bearer realm="api", error="invalid_token"');
}

function unauthorized(message: string, challenge: string): RequestError {
  return new RequestError(401, message, { headers: { "www-authenticate": challenge } });
}
