import { z } from "zod";
import { readSupplier, Supplier, writeSupplier } from "#db/queries/settings.ts";
import type { Context } from "#server/context.ts";
import type { Source } from "#domain/event.ts";
import { readMailAddress } from "#domain/mail-address.ts";
import { isZone } from "#domain/time.ts";
import { audited } from "#server/audit/audited.ts";
import { nameOf } from "#domain/name.ts";

export const SupplierForm = z.object({
  name: nameOf({ missing: "Write the name as it stands on invoices", longest: 200 }),
  address: z.string().trim().max(300),
  registration: z.string().trim().max(300),
  timeZone: z.string().refine(isZone, "Choose a time zone such as Europe/Amsterdam"),
  brandColor: z
    .string()
    .trim()
    .toLowerCase()
    .regex(/^#[0-9a-f]{6}$/, "Write the colour like #1f4389"),
  auditors: z
    .string()
    .trim()
    .max(500)
    .default("")
    .transform((text) =>
      text
        .split(/[\s,;]+/)
        .filter(Boolean)
        .join(", "),
    )
    .refine(
      (text) => text === "" || text.split(", ").every((each) => readMailAddress(each) !== null),
      "Write addresses such as audit@example.com, separated by commas",
    ),
  graceDays: z
    .string()
    .regex(/^\d{1,2}$/, "Write whole days, 0 for none")
    .transform(Number)
    .pipe(z.int().max(60, "At most 60 days")),
});

/** Changes who runs this portal and its rules of time; the ledger keeps what was changed to what. */
export async function changeSupplier(
  context: Context,
  source: Source,
  form: z.infer<typeof SupplierForm>,
): Promise<void> {
  await audited(context, async (trx) => {
    const known = await readSupplier(trx);
    const after = Supplier.parse({ ...known, ...form });
    await writeSupplier(trx, after);
    const { brandColor, graceDays, name, address, registration, timeZone, auditors } = after;
    const now = { name, address, registration, timeZone, brandColor, graceDays, auditors };
    const was: Record<string, unknown> = known;
    const changed = Object.entries(now).filter(([field, value]) => was[field] !== value);
    const before = changed.map(([field]) => [`${field}Before`, was[field] ?? null]);
    const details = Object.fromEntries([...changed, ...before]);
    const note = { source, action: "supplier_changed", subject: "supplier", details };
    return { result: null, note };
  });
}
