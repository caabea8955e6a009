import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { readConfig } from "#server/config.ts";
import { newId } from "#domain/id.ts";
import { addStaff } from "#server/people/add-staff.ts";
import { createKey } from "#server/access/api-keys.ts";
import { createCustomer } from "#server/customers/create-customer.ts";
import { linkRecord } from "#server/customers/link-record.ts";
import { record } from "#server/ledger/record.ts";
import type { Portal } from "#server/portal-context.ts";
import { startPortal } from "#server/start.ts";
import { customerId, linkedCustomers } from "./messages.ts";

const source = { kind: "operator", name: "campaign" } as const;

/** As in CONNECTIONS_FILE. */
export interface ConnectionInput {
  id: string;
  system: string;
  settings: object;
  secrets: object;
}

/**
 * Makes the database of a data folder by the portal's own code: its connections, customers with one
 * person each, one of finance. `environment` says which database, where it is not in the folder. Gives
 * the API key of the first customer's program.
 */
export async function setUp(
  folder: string,
  connections: ConnectionInput[],
  environment: Record<string, string>,
): Promise<string> {
  const file = join(folder, "connections.json");
  writeFileSync(file, JSON.stringify(connections));
  const config = readConfig({
    NODE_ENV: "test",
    PORT: "0",
    DATA_DIR: folder,
    CONNECTIONS_FILE: file,
    APP_SECRET: "a secret of the tests that is long enough",
    LOG_LEVEL: "silent",
    ...environment,
  });
  const { portal, close } = await startPortal({ config, clock: () => new Date(), pages: noPages });
  try {
    await addStaff(portal, source, {
      email: "finance@campaign.example",
      name: "Finance",
      role: "finance",
    });
    const customers: string[] = [];
    for (const name of linkedCustomers) customers.push(await addCustomer(portal, name));
    const customer = customers[0] ?? "";
    const key = { name: "their program", role: "customer", customer } as const;
    return (await createKey(portal, source, key)).key;
  } finally {
    await close();
  }
}

async function noPages() {
  return {
    files: (_incoming: unknown, _outgoing: unknown, next: () => void) => next(),
    handle: async () => new Response(null, { status: 404 }),
    close: async () => {},
  };
}

/** A customer with one person, whose customer record an old invoice made known. */
async function addCustomer(portal: Portal, name: string): Promise<string> {
  await record(portal, {
    kind: "system",
    source: { kind: "connection", connection: "erp" },
    connection: { id: "erp", kind: "erp" },
    changes: [{ kind: "invoice", invoice: firstInvoice(name) }],
    receivedAt: portal.clock().toISOString(),
    asked: true,
    quiet: true,
  });
  const customer = await createCustomer(portal, source, { name });
  const createdAt = portal.clock().toISOString();
  const user = newId("usr");
  await portal.writer
    .insertInto("user")
    .values({
      ...{ id: user, name, email: `${customerId(name)}@campaign.example`.toLowerCase() },
      ...{ emailVerified: 1, image: null, createdAt, updatedAt: createdAt },
      ...{ staffRole: null, locale: null, timeZone: null },
    })
    .execute();
  await portal.writer
    .insertInto("member")
    .values({
      ...{ id: newId("mem"), organizationId: customer, userId: user, role: "admin", createdAt },
    })
    .execute();
  const { id } = await portal.db
    .selectFrom("customer_records")
    .select("id")
    .where("name", "=", name)
    .executeTakeFirstOrThrow();
  await linkRecord(portal, source, { record: id, customer });
  return customer;
}

function firstInvoice(name: string) {
  const currency = "EUR";
  return {
    externalId: `first-${customerId(name)}`,
    number: `FIRST-${customerId(name)}`,
    version: 1,
    customer: { externalId: customerId(name), name },
    currency,
    total: { amount: 100_00, currency },
    state: "issued" as const,
    issuedOn: "2024-01-02",
    dueOn: "2099-12-31",
  };
}
