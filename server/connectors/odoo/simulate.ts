import { createHash } from "node:crypto";
import { toDecimal } from "#domain/money.ts";
import { RequestError } from "#server/errors.ts";
import type { Scenario, SimulatedRequest, Simulation } from "#server/connectors/contract.ts";
import { type InventedInvoice, inventInvoice } from "#server/connectors/kit/invented.ts";
import { standardHeaders } from "#server/connectors/kit/standard-signature.ts";
import { type SecretList, secretsIn } from "#server/connectors/kit/secret-list.ts";

interface Settings {
  database?: string | undefined;
}

interface Secrets {
  webhookSecret?: SecretList | undefined;
  urlToken?: SecretList | undefined;
}

type Given = Simulation<Settings, Secrets>;

/** One after another, each a second later, as a person would do it. */
const story =
  (...steps: (object | ((invoice: InventedInvoice) => object))[]): Scenario<Settings, Secrets> =>
  (given) => {
    const invoice = inventInvoice(given);
    return steps.map((step, at) => {
      const fields = typeof step === "function" ? step(invoice) : step;
      return push({ ...moveOf(invoice, given, at), ...fields }, given);
    });
  };

const decimal = (amount: number) => toDecimal({ amount, currency: "EUR" });
const paid = { paymentState: "paid", amountResidual: "0.00" };
const partlyPaid = ({ total, part }: InventedInvoice) => ({
  paymentState: "partial",
  amountResidual: decimal(total - part),
});

/** A credit note over a part of the invoice; Odoo numbers it in the same series of ids. */
const creditNote = (invoice: InventedInvoice) => ({
  id: idOf(invoice) + 1,
  number: `RINV/2026/${invoice.serial}`,
  moveType: "out_refund",
  paymentState: "paid",
  amountTotal: decimal(invoice.part),
  amountResidual: "0.00",
  reversedEntry: { id: idOf(invoice), number: numberOf(invoice) },
});

/** What our add-on pushes, and what the automation rule alone posts. */
export const simulate: Readonly<Record<string, Scenario<Settings, Secrets>>> = {
  issued: story({}),
  "partly-paid": story({}, partlyPaid),
  paid: story({}, partlyPaid, paid),
  credited: story({}, creditNote, partlyPaid),
  cancelled: story({}, { state: "cancel", amountResidual: "0.00" }),
  "automation-rule": (given) => [notice(inventInvoice(given), given)],
};

const idOf = ({ serial }: InventedInvoice) => Number(serial) * 2 + 1_000_000;
const numberOf = ({ serial }: InventedInvoice) => `INV/2026/${serial}`;

function moveOf(invoice: InventedInvoice, { now }: Given, at: number) {
  const { customer, total, issuedOn, dueOn } = invoice;
  const written = new Date(now.getTime() + at * 1000).toISOString();
  return {
    id: idOf(invoice),
    number: numberOf(invoice),
    moveType: "out_invoice",
    state: "posted",
    paymentState: "not_paid",
    currency: "EUR",
    amountTotal: decimal(total),
    amountResidual: decimal(total),
    invoiceDate: issuedOn,
    dueDate: dueOn,
    partner: { id: Number(customer.id.slice(2)), name: customer.name, ref: customer.id },
    ref: `PO-${invoice.serial}`,
    origin: `S${invoice.serial}`,
    reversedEntry: null,
    writeDate: `${written.slice(0, 19)}Z`,
  };
}

/** As the add-on sends it, signed. Throws 409 when the connection has no signing secret. */
function push(invoice: { id: number }, { settings, secrets, now }: Given): SimulatedRequest {
  const [secret] = secretsIn(secrets.webhookSecret);
  if (secret === undefined) {
    throw new RequestError(409, "This connection has no webhookSecret: only automation-rule works");
  }
  const database = settings.database ?? "simulated";
  const about = { type: "invoice.changed", database, model: "account.move", id: invoice.id };
  const body = JSON.stringify({ ...about, invoice });
  const id = `odoo_${invoice.id}_${createHash("sha256").update(body).digest("hex").slice(0, 16)}`;
  const headers = standardHeaders(secret, { id, sentAt: now, body });
  return { method: "POST", query: "", headers: { ...json, ...headers }, body };
}

const json = { "content-type": "application/json", "user-agent": "python-requests/2.32.3" };

/** As the built-in action sends it: nothing is signed, the token stands in the address. */
function notice(invoice: InventedInvoice, { secrets, now }: Given): SimulatedRequest {
  const [token = ""] = secretsIn(secrets.urlToken ?? secrets.webhookSecret);
  const body = JSON.stringify({
    _action: "Portal: invoice changed(#512)",
    _id: idOf(invoice),
    _model: "account.move",
    id: idOf(invoice),
    name: numberOf(invoice),
    write_date: `${now.toISOString().slice(0, 23).replace("T", " ")}000`,
  });
  return { method: "POST", query: `token=${encodeURIComponent(token)}`, headers: json, body };
}
