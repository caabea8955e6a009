import { record } from "#server/ledger/record.ts";
import { invoiceIssued } from "./standard-event.ts";
import { startTestPortal } from "./start-portal.ts";

/** An invoice of a customer with a dispute of 200.00 about a part of it. */
export async function disputed() {
  const portal = await startTestPortal();
  await portal.deliver("erp", invoiceIssued("INV-1"));
  await portal.settled();
  const customer = await portal.addCustomer("Acme Tooling", "buyer@acme.example");
  await portal.addStaff("marit@kestrel.example");
  await portal.addStaff("ada@kestrel.example", "administrator");
  await portal.addStaff("audit@kestrel.example", "auditor");
  const { events } = await record(portal.portal, {
    kind: "person",
    source: { kind: "user", user: "usr_buyer" },
    person: { id: "usr_buyer", name: "Ines de Wolf", side: "customer" },
    actions: [
      {
        kind: "open_dispute",
        invoiceId: await portal.invoiceId("INV-1"),
        reason: "price_incorrect",
        amount: 20000,
        lines: [],
        message: "The quotation says 2.70",
      },
    ],
  });
  const [opened] = events;
  if (opened?.type !== "dispute.opened") throw new Error("no dispute");
  await portal.settled();
  return { portal, customer, path: `/finance/disputes/${opened.data.dispute.id}` };
}
