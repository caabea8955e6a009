import type { Db } from "#db/connect.ts";
import { newId } from "#domain/id.ts";
import { type DemoCustomer, customers, type DemoPerson, staff } from "./supplier.ts";

/** Who is who in the seeded database. */
export interface People {
  /** User ids by mail address. */
  users: Map<string, string>;
  /** Portal customer ids by the ERP's customer number. */
  customers: Map<string, string>;
}

/** Puts the supplier's staff, the customers and their contacts in, as signed up on `since`. */
export async function createPeople(trx: Db, since: string): Promise<People> {
  const people: People = { users: new Map(), customers: new Map() };
  for (const { person, role } of staff) {
    people.users.set(person.email, await createUser(trx, { person, role, since }));
  }
  for (const customer of customers) {
    const id = await createCustomer(trx, customer, since);
    people.customers.set(customer.id, id);
    for (const [place, person] of customer.contacts.entries()) {
      const userId = await createUser(trx, { person, role: null, since });
      people.users.set(person.email, userId);
      const role = place === 0 ? "owner" : "member";
      const member = { id: newId("mem"), organizationId: id, userId, role, createdAt: since };
      await trx.insertInto("member").values(member).execute();
    }
  }
  return people;
}

async function createUser(
  trx: Db,
  { person, role, since }: { person: DemoPerson; role: string | null; since: string },
): Promise<string> {
  const id = newId("usr");
  const { name, email, timeZone, locale } = person;
  const dates = { createdAt: since, updatedAt: since };
  const user = { ...dates, emailVerified: 1, image: null, staffRole: role, locale, timeZone };
  await trx
    .insertInto("user")
    .values({ id, name, email, ...user })
    .execute();
  return id;
}

async function createCustomer(trx: Db, { id, name }: DemoCustomer, since: string): Promise<string> {
  const customer = { id: newId("cus"), name, slug: id, logo: null, metadata: null };
  await trx
    .insertInto("organization")
    .values({ ...customer, createdAt: since })
    .execute();
  return customer.id;
}
