import type { BoundConnector } from "#server/connectors/bind.ts";
import type { ChangedPage, ConnectorHttp, HttpCall } from "#server/connectors/contract.ts";
import type { WriteBackRequest } from "#domain/write-back.ts";
import { commentAdded, disputeOpened, promiseMade } from "#test/connectors/requests.ts";

export const now = new Date("2026-11-20T10:00:00.000Z");

/** One vendor's description, and what answers behind Prism. */
export interface Vendor {
  /** Its file in the folder of descriptions. */
  document: string;
  /** What paths begin with that the description leaves to its `servers`. */
  prefix: string;
  start: () => Promise<Upstream>;
}

export interface Upstream extends AsyncDisposable {
  url: string;
  checks: (http: ConnectorHttp) => Check[];
  /** Calls that the description does not allow: each must be found out, else nothing is tested. */
  wrong: HttpCall[];
}

/** What a connector does with the vendor; throws when that fails. */
export type Check = [name: string, work: () => Promise<unknown>];

/** Reads page after page, as reconciliation does; gives how many changes there were. */
export async function readChanged(connector: BoundConnector, since: string): Promise<number> {
  let count = 0;
  let cursor: string | null = null;
  do {
    const page: ChangedPage | undefined = await connector.changedSince?.(since, cursor);
    if (!page) throw new Error("It cannot be asked for changes");
    count += page.changes.length;
    cursor = page.next;
  } while (cursor !== null);
  return count;
}

/**
 * Each write-back that a connector has, or those of some events, about one invoice, and looking for it
 * after a lost answer.
 */
export function writeBackChecks(
  connector: BoundConnector,
  externalId: string,
  events?: WriteBackRequest["event"][],
): Check[] {
  return requests().flatMap((request): Check[] => {
    const isMeant = events?.includes(request.event) ?? true;
    if (!isMeant || !connector.canWriteBack(request.event)) return [];
    const about = { ...request, invoice: { ...request.invoice, externalId } };
    const { findWriteBack } = connector;
    return [
      [`writes back ${request.event}`, async () => connector.writeBack?.(about)],
      ...(findWriteBack
        ? [[`looks for ${request.event}`, () => findWriteBack(about)] satisfies Check]
        : []),
    ];
  });
}

function requests(): WriteBackRequest[] {
  const { dispute } = disputeOpened;
  if (!dispute) throw new Error("The dispute is missing");
  const currency = "EUR";
  const moved = (event: WriteBackRequest["event"], state: typeof dispute.state) => ({
    ...{ ...disputeOpened, event, key: keyOf(event) },
    dispute: { ...dispute, state, creditedAmount: { amount: 12000, currency } },
  });
  return [
    disputeOpened,
    { ...moved("dispute.waiting", "waiting_for_customer") },
    { ...moved("dispute.resolved", "resolved") },
    { ...moved("dispute.reopened", "open") },
    { ...moved("dispute.withdrawn", "withdrawn") },
    { ...commentAdded, key: keyOf("comment.added") },
    {
      ...promiseMade,
      key: keyOf("promise.made"),
      promise: { id: "prm_1", promisedOn: "2026-12-05", amount: { amount: 5000, currency } },
    },
  ];
}

const keyOf = (event: string) =>
  event.toUpperCase().replace(/\W/g, "").padEnd(26, "A").slice(0, 26);
