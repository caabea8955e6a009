import type { Db } from "#db/connect.ts";

/**
 * `D-<invoice>-NN`, counted on from the disputes that are known. A number that is taken is passed over:
 * several invoices may carry one number, and one that was moved may have been disputed before.
 */
export async function freeNumber(trx: Db, invoiceNumber: string, known: number): Promise<string> {
  for (let at = known + 1; ; at += 1) {
    const number = `D-${invoiceNumber}-${String(at).padStart(2, "0")}`;
    const taken = await trx
      .selectFrom("disputes")
      .select("id")
      .where("number", "=", number)
      .executeTakeFirst();
    if (!taken) return number;
  }
}

/** The number that an invoice had when a dispute about it was opened. */
export function invoiceNumberIn(disputeNumber: string): string {
  return disputeNumber.replace(/^D-(.*)-\d+$/s, "$1");
}
