import { dayMs, dayOf, inOfficeHours } from "./calendar.ts";
import type { NewInvoice } from "./bookkeeping.ts";
import type { Random } from "./random.ts";
import { type Scene, scenes } from "./scenes.ts";
import { customers, type DemoCustomer } from "./supplier.ts";
import { describeWork, describeWorks } from "./work.ts";

/** An invoice that will be issued, and what is to become of it when that is fixed. */
export interface Plan {
  customer: DemoCustomer;
  issuedMs: number;
  dueMs: number;
  invoice: NewInvoice;
  scene: Scene | null;
}

type Unnumbered = Omit<Plan, "invoice" | "dueMs"> & {
  currency: string;
  terms: number;
  title: string | null;
};

const days = 548; // 18 months
const firstNumber = 104_211;

/** About `count` invoices over 18 months up to `nowMs`, in the order of issue, numbered without gaps. */
export function planInvoices(random: Random, nowMs: number, count: number): Plan[] {
  const ordinary: Unnumbered[] = [];
  for (let made = 0; made < count; made++) {
    const customer = pickCustomer(random);
    // A growing shop: more invoices in the later months.
    const age = days * (1 - Math.sqrt(random.next()));
    const issuedMs = inOfficeHours(random, nowMs - age * dayMs);
    if (issuedMs > nowMs) continue;
    const currency = random.pick(customer.currencies);
    ordinary.push({
      customer,
      issuedMs,
      currency,
      terms: customer.terms,
      title: null,
      scene: null,
    });
  }
  const fixed = scenes.map((scene) => fromScene(random, scene, nowMs));
  return [...ordinary, ...fixed]
    .sort((one, other) => one.issuedMs - other.issuedMs)
    .map((plan, place) => number(random, plan, firstNumber + place));
}

function fromScene(random: Random, scene: Scene, nowMs: number): Unnumbered {
  const customer = customers.find(({ id }) => id === scene.customer) ?? customers[0];
  // A scene falls on its day even when that is a Sunday: ages matter more than weekends here.
  const day = nowMs - scene.issuedDaysAgo * dayMs;
  const issuedMs = day - random.between(3_600, 10_800) * 1000;
  const { currency, terms, title } = scene;
  return { customer, issuedMs, currency, terms, title, scene };
}

function number(random: Random, plan: Unnumbered, value: number): Plan {
  const { customer, issuedMs, currency, terms, title, scene } = plan;
  const about = { currency, taxRate: taxOf(customer, currency) };
  const madeUp = describeWork(random, about);
  const job = { ...madeUp, ...(scene?.work && describeWorks(scene.work, about)) };
  const madeUpProject = random.pick(customer.projects);
  // What the title names is what the references name.
  const project = customer.projects.find((name) => title?.includes(name)) ?? madeUpProject;
  const dueMs = issuedMs + terms * dayMs;
  const hasOrder = random.chance(0.92);
  const poNumber = hasOrder
    ? customer.orders.replaceAll("#", () => `${random.between(0, 9)}`)
    : null;
  const { id, name, contacts } = customer;
  const invoice = {
    id: `SO-${value}`,
    number: `KA-${value}`,
    currency,
    total: job.total,
    lines: job.lines,
    customer: {
      id,
      name,
      email: contacts[0].email,
    },
    dueOn: dayOf(dueMs),
    poNumber,
    description: title ?? `${job.title}, ${project}`,
    references: [
      {
        kind: "project",
        value: project,
      },
      {
        kind: "delivery",
        value: `DN ${55_000 + value - firstNumber}`,
      },
    ],
  };
  return { customer, issuedMs, dueMs, invoice, scene };
}

/** VAT is for sales at home in the home currency; abroad the customer accounts for it. */
function taxOf(customer: DemoCustomer, currency: string): string {
  return currency === "EUR" ? customer.taxRate : "0";
}

function pickCustomer(random: Random): DemoCustomer {
  let left = random.next() * customers.reduce((sum, { weight }) => sum + weight, 0);
  return customers.find(({ weight }) => (left -= weight) < 0) ?? customers[0];
}
