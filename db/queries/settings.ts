import { z } from "zod";
import { compiled } from "#db/compiled.ts";
import type { Db } from "#db/connect.ts";

/** Who runs this portal, as mails and pages name it; one row of `settings` under `supplier`. */
export const Supplier = z.object({
  name: z.string().min(1).max(200).default("Your supplier"),
  /** Postal address, one line. */
  address: z.string().max(300).default(""),
  /** Registration and VAT numbers, as law wants them on business mail. */
  registration: z.string().max(300).default(""),
  /** IANA zone that decides overdue, ageing and "as of". */
  timeZone: z.string().default("UTC"),
  /** Days after the due date before an unpaid invoice is called overdue. */
  graceDays: z.int().min(0).max(60).default(0),
  brandColor: z
    .string()
    .regex(/^#[0-9a-f]{6}$/i, "a colour such as #1f4389")
    .default("#1f4389"),
  /** Addresses that get each checkpoint of the ledger, separated by commas. */
  auditors: z.string().max(500).default(""),
});
export type Supplier = z.infer<typeof Supplier>;

/** The supplier's settings; what was never set has its default. */
export async function readSupplier(db: Db): Promise<Supplier> {
  const [row] = await readSetting(db, { key: "supplier" });
  return Supplier.parse(row ? JSON.parse(row.value) : {});
}

const readSetting = compiled<{ key: string }, { value: string }>((db, value) =>
  db.selectFrom("settings").select("value").where("key", "=", value("key")),
);

/** Replaces the supplier's settings; the caller audits it in the same transaction. */
export async function writeSupplier(trx: Db, supplier: z.input<typeof Supplier>): Promise<void> {
  const value = JSON.stringify(Supplier.parse(supplier));
  await trx
    .insertInto("settings")
    .values({ key: "supplier", value })
    .onConflict((conflict) => conflict.column("key").doUpdateSet({ value }))
    .execute();
}
