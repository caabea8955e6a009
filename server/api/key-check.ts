import type { AppLoadContext } from "@remix-run/node";
import { RateLimiterMemory, type RateLimiterRes } from "rate-limiter-flexible";
import { findKeyByHash, touchKey } from "#db/queries/api-keys.ts";
import { findCustomer } from "#db/queries/customers.ts";
import { CustomerScope } from "#db/queries/scope.ts";
import type { Context } from "#server/context.ts";
import { toInstant } from "#server/domain/time.ts";
import { RequestError } from "#server/errors.ts";
import type { Actor } from "#server/finance/actor.ts";
import { hashOfKey, KeyRole } from "#server/finance/api-keys.ts";

/** The program that asks. */
export interface Caller {
  id: string;
  name: string;
  role: KeyRole;
  /** Set for a customer's key: it sees that customer's own things and nothing else. */
  customer: CustomerScope | null;
}

const badKeysAMinute = 20;
const limits = new WeakMap<Context["committed"], RateLimiterMemory>();

/**
 * Who asks by `Authorization: Bearer`. Throws 401 without a valid key, and 429 once an address sent
 * too many bad ones. Keys are looked up by their SHA-256, so no comparison can be timed.
 */
export async function requireKey(request: Request, context: AppLoadContext): Promise<Caller> {
  const limit = limitOf(context);
  const peer = context.remoteAddress;
  const tries = await limit.get(peer);
  if (tries && tries.consumedPoints >= badKeysAMinute) throw tooMany(tries);
  const [, key] =
    /^bearer +(ipk_[\w-]{43}) *$/i.exec(request.headers.get("authorization") ?? "") ?? [];
  const row = key === undefined ? undefined : await findKeyByHash(context.db, hashOfKey(key));
  if (!row) {
    if (request.headers.has("authorization")) await limit.penalty(peer);
    throw new RequestError(401, "Send a valid key as Authorization: Bearer ipk_…", {
      headers: { "www-authenticate": 'Bearer realm="api"' },
    });
  }
  await touchKey(context.writer, row, toInstant(context.clock()));
  const { id, name } = row;
  return { id, name, role: KeyRole.parse(row.role), customer: await customerOf(context, row) };
}

async function customerOf(
  { db }: Context,
  key: { id: string; name: string; role: string; customer_id: string | null },
): Promise<CustomerScope | null> {
  if (key.role !== "customer") return null;
  const customer = key.customer_id === null ? undefined : await findCustomer(db, key.customer_id);
  if (!customer) throw new RequestError(401, "The customer of this key is gone");
  return new CustomerScope({
    customerId: customer.id,
    customerName: customer.name,
    userId: key.id,
    userName: key.name,
    role: "member",
  });
}

/** Throws 404 for a customer's key: what is the supplier's does not exist for it. */
export function requireSupplier(caller: Caller): void {
  if (caller.customer !== null) throw new RequestError(404, "There is nothing at this address");
}

/** Who writes: the key's name stands for a person. Throws 403 for an auditor's key. */
export function actorOf(caller: Caller): Actor {
  if (caller.role === "auditor") {
    throw new RequestError(403, "An auditor's key reads everything and changes nothing");
  }
  const side = caller.customer === null ? "supplier" : "customer";
  return {
    source: { kind: "operator", name: caller.id },
    person: { id: caller.id, name: caller.name, side },
  };
}

function limitOf({ committed }: Context): RateLimiterMemory {
  const known = limits.get(committed);
  if (known) return known;
  const limit = new RateLimiterMemory({ points: badKeysAMinute, duration: 60 });
  limits.set(committed, limit);
  return limit;
}

function tooMany(tries: RateLimiterRes): RequestError {
  const seconds = Math.max(1, Math.ceil(tries.msBeforeNext / 1000));
  return new RequestError(429, "Too many bad keys came from this address", {
    headers: { "retry-after": String(seconds) },
  });
}
