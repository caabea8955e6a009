import { dayMs, dayOf, morningAfter } from "./calendar.ts";
import { changeInvoice, requireInvoice } from "./erp/change.ts";
import { balanceOf, isHeld } from "./erp/invoice.ts";
import { allot } from "./erp/store.ts";
import type { Stage, Step } from "./stage.ts";
import type { DemoPerson } from "./supplier.ts";

interface Promised {
  erpId: string;
  contact: DemoPerson;
  madeMs: number;
  promisedOn: string;
}

/** A promise to pay what is open, and on the morning after its day whether it was kept. */
export function promiseSteps({ erpId, contact, madeMs, promisedOn }: Promised): Step[] {
  return [
    {
      atMs: madeMs,
      async play(stage) {
        const invoice = requireInvoice(stage.erp.store, erpId);
        if (balanceOf(invoice) <= 0 || isHeld(invoice)) return;
        await stage.act(contact, erpId, ({ invoice: invoiceId }) => ({
          kind: "promise",
          invoiceId,
          promisedOn,
        }));
        noteInErp(stage, { erpId, contact, promisedOn });
      },
    },
    { atMs: morningAfter(promisedOn), play: (stage) => judge(stage, erpId, promisedOn) },
  ];
}

function noteInErp(stage: Stage, { erpId, contact, promisedOn }: Omit<Promised, "madeMs">): void {
  const { erp } = stage;
  const promised = stage.known(erpId).promises.find((one) => one.promisedOn === promisedOn);
  changeInvoice(erp, erpId, (invoice, at) => {
    const reference = allot(erp.store, "PROM-");
    const id = promised?.id ?? reference;
    invoice.promises.push({ id, reference, on: promisedOn, amount: null, by: contact.name, at });
    return { journal: `${reference}: payment promised for ${promisedOn} by ${contact.name}` };
  });
}

/** The ledger finds by itself that a promise was kept; what it did not find by then is broken. */
async function judge(stage: Stage, erpId: string, promisedOn: string): Promise<void> {
  const promised = stage.known(erpId).promises.find((one) => one.promisedOn === promisedOn);
  if (!promised) return;
  await stage.find(erpId, "promises", (place) => ({
    ...place,
    type: "promise.broken",
    audience: "customer",
    data: { promiseId: promised.id, promisedOn },
  }));
}

/** A day so many days after a moment. */
export function dayAfter(ms: number, days: number): string {
  return dayOf(ms + days * dayMs);
}
