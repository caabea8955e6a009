import { today, type Erp } from "./change.ts";
import {
  changeDueDate,
  failPayment,
  issueCreditNote,
  issueInvoice,
  PaymentMethod,
  receivePayment,
} from "./desk.ts";
import { balanceOf, type Invoice } from "./invoice.ts";
import { decimalsOf } from "./money.ts";
import { countQuietUnpaid, listCustomers, quietUnpaid, searchInvoices } from "./store.ts";

const jobs = [
  "Clear anodizing, brackets",
  "Hard anodizing, valve bodies",
  "Black anodizing, front panels",
  "Chromate conversion, housings",
  "Masking and anodizing, heat sinks",
  "Strip and re-anodize, rails",
];
const creditReasons = ["Colour outside tolerance", "Two racks re-run", "Freight charged twice"];

// How often each change happens, out of the sum of all.
const changes = [
  { weight: 34, make: payFull },
  { weight: 18, make: payPart },
  { weight: 28, make: issueNew },
  { weight: 6, make: paymentFails },
  { weight: 6, make: creditSome },
  { weight: 8, make: moveDueDate },
];

type Random = () => number;
export type Activity = ReturnType<typeof keepBusy>;

/**
 * Makes a believable change about every `everyMs` through the same functions as the buttons, and
 * leaves disputed invoices to people. The same seed on the same data makes the same changes.
 */
export function keepBusy(erp: Erp, { seed, everyMs }: { seed: number; everyMs: number }) {
  const random = seededRandom(seed);
  let timer: NodeJS.Timeout | undefined;

  /** Makes one change now and gives the invoice, or null when there is nothing to change. */
  function makeChange(): Invoice | null {
    const total = changes.reduce((sum, { weight }) => sum + weight, 0);
    let left = random() * total;
    const change = changes.find(({ weight }) => (left -= weight) < 0);
    return change?.make(erp, random) ?? null;
  }

  function schedule(): void {
    timer = setTimeout(
      () => {
        makeChange();
        schedule();
      },
      everyMs * (0.5 + random()),
    );
  }

  function stop(): void {
    clearTimeout(timer);
    timer = undefined;
  }

  return {
    makeChange,
    isOn: () => timer !== undefined,
    start() {
      stop();
      schedule();
    },
    stop,
  };
}

function payFull(erp: Erp, random: Random): Invoice | null {
  const invoice = pickUnpaid(erp, random);
  return invoice && pay(erp, random, { invoice, amount: balanceOf(invoice) });
}

function payPart(erp: Erp, random: Random): Invoice | null {
  const invoice = pickUnpaid(erp, random);
  return invoice && pay(erp, random, { invoice, amount: partOf(balanceOf(invoice), random) });
}

function pay(erp: Erp, random: Random, { invoice, amount }: { invoice: Invoice; amount: number }) {
  const reference = random() < 0.7 ? invoice.number : null;
  return receivePayment(erp, invoice.id, { amount, method: pickMethod(random), reference });
}

function paymentFails(erp: Erp, random: Random): Invoice | null {
  const invoice = pickUnpaid(erp, random);
  if (!invoice) return null;
  const amount = balanceOf(invoice);
  return failPayment(erp, invoice.id, { amount, method: "direct_debit", reference: null });
}

function creditSome(erp: Erp, random: Random): Invoice | null {
  const invoice = pickUnpaid(erp, random);
  if (!invoice) return null;
  const amount = Math.max(1, Math.round(balanceOf(invoice) * (0.05 + random() * 0.1)));
  return issueCreditNote(erp, invoice.id, { amount, reason: pick(creditReasons, random) });
}

function moveDueDate(erp: Erp, random: Random): Invoice | null {
  const invoice = pickUnpaid(erp, random);
  if (!invoice) return null;
  const from = invoice.dueOn > today(erp) ? invoice.dueOn : today(erp);
  return changeDueDate(erp, invoice.id, addDays(from, 7 + Math.floor(random() * 15)));
}

function issueNew(erp: Erp, random: Random): Invoice | null {
  const customers = listCustomers(erp.store);
  const customer = customers[Math.floor(random() * customers.length)];
  if (!customer) return null;
  const all = { text: customer.name, show: "all" as const, day: "", limit: 1, offset: 0 };
  const { currency, lines } = searchInvoices(erp.store, all).invoices[0] ?? {};
  if (currency === undefined) return null;
  const unit = 10 ** decimalsOf(currency);
  return issueInvoice(erp, {
    customer,
    currency,
    description: pick(jobs, random),
    net: Math.round((180 + random() * 4800) * (unit === 1 ? 100 : unit)),
    taxRate: Math.round(Number(lines?.[0]?.taxRate ?? "0")),
    dueOn: addDays(today(erp), random() < 0.5 ? 30 : 14),
    poNumber: random() < 0.6 ? `PO-${40_000 + Math.floor(random() * 9_999)}` : null,
  });
}

function pickUnpaid(erp: Erp, random: Random): Invoice | null {
  const offset = Math.floor(random() * countQuietUnpaid(erp.store));
  return quietUnpaid(erp.store, { limit: 1, offset })[0] ?? null;
}

function partOf(balance: number, random: Random): number {
  return Math.max(1, Math.round(balance * (0.2 + random() * 0.5)));
}

function pickMethod(random: Random) {
  return pick(PaymentMethod.options, random);
}

function pick<Item>(items: readonly [Item, ...Item[]] | readonly Item[], random: Random): Item {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error("Nothing to pick from");
  return item;
}

function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00.000Z`) + days * 86_400_000)
    .toISOString()
    .slice(0, 10);
}

// Mulberry32: small, and the same on every machine.
function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
