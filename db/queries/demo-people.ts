import { z } from "zod";
import type { Db } from "#db/connect.ts";

const Person = z.object({ name: z.string(), email: z.string(), of: z.string() });

/** Whom a visitor of the demo may sign in as; one row of `settings` that only the demo writes. */
const DemoPeople = z.object({ customer: Person, finance: Person });
export type DemoPeople = z.infer<typeof DemoPeople>;

/** Null everywhere but in a database that the demo made. */
export async function readDemoPeople(db: Db): Promise<DemoPeople | null> {
  const row = await db
    .selectFrom("settings")
    .select("value")
    .where("key", "=", "demo")
    .executeTakeFirst();
  return row ? DemoPeople.parse(JSON.parse(row.value)) : null;
}

/** Marks the database as the demo's. */
export async function writeDemoPeople(trx: Db, people: DemoPeople): Promise<void> {
  const row = { key: "demo", value: JSON.stringify(people) };
  await trx.insertInto("settings").values(row).execute();
}
