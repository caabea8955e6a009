import type { Random } from "#demo/random.ts";

/** What the ERP calls a customer. */
export function customerId(name: string): string {
  return name.replace(" ", "-");
}

/** One delivery as its system sends it, under the same id however often. */
export interface Told {
  id: string;
  body: string;
  number: string;
  /** The payment's id; undefined: it tells the invoice. */
  payment?: string | undefined;
  /** Whether the portal answered it with success. */
  acknowledged: boolean;
}

export interface ToldInvoice {
  number: string;
  externalId: string;
  customer: string;
  version: number;
  total: string;
  issuedOn: string;
}

/** Customers whose people are mailed; the others have nobody who signs in. */
export const linkedCustomers = ["Acme 1", "Acme 2"] as const;
const strangers = ["Bolt 1", "Bolt 2", "Bolt 3", "Bolt 4", "Bolt 5"];

/** What a system has to tell, one message after the other; the same for the same seed. */
export function createMessages(random: Random, now: () => Date) {
  const invoices: ToldInvoice[] = [];
  let last = 0;

  function newInvoice(customer?: string): Told {
    const number = `INV-${invoices.length + 1}`;
    const known = random.chance(0.3) ? linkedCustomers : strangers;
    const invoice = {
      number,
      externalId: `ext-${number}`,
      customer: customer ?? random.pick<string>(known),
      version: 1,
      total: `${random.between(100, 9_999)}.${random.between(10, 99)}`,
      issuedOn: now().toISOString().slice(0, 10),
    };
    invoices.push(invoice);
    return told("invoice.issued", number, { invoice: wireOf(invoice) });
  }

  function newPayment(): Told {
    const invoice = random.pick(invoices);
    const { number, externalId } = invoice;
    const id = `pay-${last + 1}`;
    const version = ++invoice.version;
    const payment = { id, amount: "1.25", currency: "EUR", at: now().toISOString() };
    const data = { invoice: { number, externalId, currency: "EUR", version }, payment };
    return { ...told("payment.received", number, data), payment: id };
  }

  function told(type: string, number: string, data: object): Told {
    const body = JSON.stringify({ type, timestamp: now().toISOString(), data });
    return { id: `msg_${++last}`, body, number, acknowledged: false };
  }

  return {
    invoices,
    newInvoice,
    next: (): Told => (invoices.length < 10 || random.chance(0.55) ? newInvoice() : newPayment()),
    /** What the system answers when it is asked about an invoice. */
    find: (externalId: string): object | undefined => {
      const invoice = invoices.find((each) => each.externalId === externalId);
      return invoice && wireOf({ ...invoice, version: 1 });
    },
  };
}

function wireOf({ customer, ...invoice }: ToldInvoice) {
  return {
    ...invoice,
    currency: "EUR",
    customer: { id: customerId(customer), name: customer },
    dueOn: "2099-12-31",
    status: "open",
  };
}
