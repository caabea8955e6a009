import { listSuppressions, unsuppress } from "#db/queries/mail-suppressions.ts";
import { releaseMails } from "#db/queries/mails.ts";
import type { Db } from "#db/connect.ts";
import type { Context } from "#server/context.ts";
import type { Source } from "#domain/event.ts";
import { toInstant } from "#domain/time.ts";
import { RequestError } from "#server/errors.ts";
import type { Portal } from "#server/portal-context.ts";
import { audited } from "#server/audit/audited.ts";

/** How many addresses are released or listed at once. */
export const mostAddresses = 1_000;

/**
 * Takes mail to an address again and tries what is parked for it. Throws RequestError 404 when nothing waits
 * for it.
 */
export async function releaseAddress(
  portal: Context & Pick<Portal, "wakeOutbox">,
  source: Source,
  address: string,
): Promise<number> {
  const released = await audited(portal, async (trx) => {
    const wasSuppressed = await unsuppress(trx, address);
    const mails = await releaseMails(trx, address, toInstant(portal.clock()));
    if (!wasSuppressed && mails === 0) {
      throw new RequestError(404, "Nothing waits for this address");
    }
    const details = { address, mails: String(mails) };
    return { result: mails, note: { source, action: "mail_released", subject: address, details } };
  });
  portal.wakeOutbox();
  return released;
}

/** Does so for every address and every parked mail, e.g. once the relay works again. Gives how many mails. */
export async function releaseAllMail(
  portal: Context & Pick<Portal, "wakeOutbox">,
  source: Source,
): Promise<number> {
  const released = await audited(portal, async (trx) => {
    const addresses = await unsuppressAll(trx);
    const mails = await releaseMails(trx, null, toInstant(portal.clock()));
    const details = { addresses: String(addresses), mails: String(mails) };
    return { result: mails, note: { source, action: "mail_released", subject: "all", details } };
  });
  portal.wakeOutbox();
  return released;
}

async function unsuppressAll(trx: Db): Promise<number> {
  const addresses = await listSuppressions(trx, mostAddresses);
  for (const { address } of addresses) await unsuppress(trx, address);
  return addresses.length;
}
