import { createHash } from "node:crypto";
import { toDecimal } from "#domain/money.ts";
import { RequestError } from "#server/errors.ts";
import type { Scenario, SimulatedRequest, Simulation } from "#server/connectors/contract.ts";
import { type InventedInvoice, inventInvoice } from "#server/connectors/kit/invented.ts";
import { standardHeaders } from "#server/connectors/kit/standard-signature.ts";
import { type SecretList, secretsIn } from "#server/connectors/kit/secret-list.ts";

interface Secrets {
  webhookSecret?: SecretList | undefined;
}

type Given = Simulation<unknown, Secrets>;

/** One event beside what every event says of the invoice; amounts are minor units. */
interface Step {
  type: string;
  due: number;
  status: string;
  data?: object;
}

const story =
  (...steps: ((invoice: InventedInvoice) => Step)[]): Scenario<unknown, Secrets> =>
  (given) => {
    const invoice = inventInvoice(given);
    return steps.map((step, at) => send(invoice, { ...step(invoice), version: at + 1 }, given));
  };

const decimal = (amount: number) => toDecimal({ amount, currency: "EUR" });

const issued = ({ total }: InventedInvoice): Step => ({
  ...{ type: "invoice.issued", due: total, status: "open" },
});
const partlyPaid = ({ total, part, serial }: InventedInvoice): Step => ({
  ...{ type: "payment.received", due: total - part, status: "partially_paid" },
  data: { payment: paymentOf({ serial, count: 1, amount: part }) },
});
const paid = ({ total, part, serial }: InventedInvoice): Step => ({
  ...{ type: "payment.received", due: 0, status: "paid" },
  data: { payment: paymentOf({ serial, count: 2, amount: total - part }) },
});
const credited = ({ total, part, serial }: InventedInvoice): Step => ({
  ...{ type: "invoice.adjusted", due: total - part, status: "open" },
  data: {
    adjustment: {
      ...{ id: `CN-${serial}`, kind: "credit_note", amount: decimal(part) },
      reason: "Two pieces were scratched",
    },
  },
});
const disputed = ({ total, part, serial }: InventedInvoice): Step => ({
  ...{ type: "dispute.opened", due: total, status: "open" },
  data: {
    dispute: {
      ...{ id: `CASE-${serial}`, state: "open", reason: "damaged", amount: decimal(part) },
      message: "The customer called: two pieces are scratched",
    },
  },
});
const voided = ({ total }: InventedInvoice): Step => ({
  ...{ type: "invoice.voided", due: total, status: "void" },
});

/** Plain events of our own format. */
export const simulate: Readonly<Record<string, Scenario<unknown, Secrets>>> = {
  issued: story(issued),
  "partly-paid": story(issued, partlyPaid),
  paid: story(issued, partlyPaid, paid),
  credited: story(issued, credited),
  disputed: story(issued, disputed),
  voided: story(issued, voided),
};

function paymentOf({ serial, count, amount }: { serial: string; count: number; amount: number }) {
  const id = `PAY-${serial}-${count}`;
  return { id, amount: decimal(amount), method: "bank transfer", reference: `INV-${serial}` };
}

function send(
  invoice: InventedInvoice,
  { type, due, status, data, version }: Step & { version: number },
  { now, secrets }: Given,
): SimulatedRequest {
  const { serial, customer, total, issuedOn, dueOn } = invoice;
  const about = { number: `INV-${serial}`, externalId: `sim-${serial}`, customer, version };
  const sums = { currency: "EUR", total: decimal(total), balance: decimal(due), status };
  const body = JSON.stringify({
    type,
    timestamp: now.toISOString(),
    data: { invoice: { ...about, ...sums, issuedOn, dueOn }, ...data },
  });
  const digest = createHash("sha256").update(`${serial} ${type} ${version}`).digest("hex");
  const signed = { id: `msg_${digest.slice(0, 24)}`, sentAt: now, body };
  const headers = {
    "content-type": "application/json",
    ...standardHeaders(secretOf(secrets), signed),
  };
  return { method: "POST", query: "", headers, body };
}

/** Throws 409 where the sender signs by a private key that we have not. */
function secretOf({ webhookSecret }: Secrets): string {
  const [first] = secretsIn(webhookSecret);
  if (first !== undefined) return first;
  throw new RequestError(409, "This connection has no webhookSecret to sign with");
}
