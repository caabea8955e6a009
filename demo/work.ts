import type { ErpInvoice } from "./erp/invoice.ts";
import { decimalsOf } from "./erp/money.ts";
import type { Random } from "./random.ts";

type Line = ErpInvoice["lines"][number];

interface Work {
  title: string;
  unit: string;
  /** Euro cents. */
  price: number;
  quantity: [number, number];
}

const treatments: Work[] = [
  { title: "Clear anodizing E6/EV1", unit: "m²", price: 1180, quantity: [40, 620] },
  { title: "Sulphuric anodizing, 20 µm", unit: "m²", price: 1450, quantity: [40, 520] },
  { title: "Hard anodizing, 50 µm", unit: "m²", price: 4290, quantity: [8, 160] },
  { title: "Bronze anodizing C-33", unit: "m²", price: 1690, quantity: [60, 420] },
  { title: "Black anodizing, dyed, matt", unit: "m²", price: 1980, quantity: [20, 240] },
  {
    title: "Chromic acid anodizing to MIL-A-8625 type IB",
    unit: "pcs",
    price: 610,
    quantity: [120, 900],
  },
  { title: "Hard anodizing with PTFE seal", unit: "pcs", price: 890, quantity: [60, 700] },
  { title: "Bright dip and gold anodizing", unit: "pcs", price: 470, quantity: [100, 1200] },
];
const extras: Work[] = [
  { title: "Pretreatment and etching E6", unit: "m²", price: 480, quantity: [30, 420] },
  { title: "Electrolytic colouring, bronze C-33", unit: "m²", price: 390, quantity: [40, 420] },
  { title: "Hot-water sealing", unit: "m²", price: 110, quantity: [40, 520] },
  { title: "Masking of threads and bores", unit: "pcs", price: 65, quantity: [80, 1400] },
  { title: "Stripping of the old layer", unit: "m²", price: 520, quantity: [10, 120] },
  { title: "Racking of long profiles, over 6 m", unit: "pcs", price: 340, quantity: [12, 160] },
  { title: "Layer thickness report, ISO 2360", unit: "pcs", price: 4500, quantity: [1, 4] },
  { title: "Salt spray test panels, 336 h", unit: "pcs", price: 8500, quantity: [1, 3] },
  { title: "Interleaved packing", unit: "frames", price: 900, quantity: [6, 80] },
  { title: "Express surcharge, 48 h", unit: "lot", price: 18_500, quantity: [1, 1] },
];

/** What a euro is worth: a price list, not a market. In thousandths. */
const rates: Record<string, number> = { EUR: 1000, USD: 1090, GBP: 860, JPY: 163_000, KWD: 335 };

/** Two to five lines of one job, and what they add up to, in minor units with tax. */
export function describeWork(
  random: Random,
  { currency, taxRate }: { currency: string; taxRate: string },
): { title: string; lines: Line[]; total: number } {
  const main = random.pick(treatments);
  const works = [main, ...shuffle(random, extras).slice(0, random.between(1, 4))];
  const lines = works.map((work, place) => {
    const quantity = random.between(...work.quantity);
    return toLine({ id: String(place + 1), work, quantity, currency, taxRate });
  });
  return { title: main.title, lines, total: lines.reduce((sum, line) => sum + line.total, 0) };
}

/** Lines of named works of the catalogue, in quantities that are said. Throws for an unknown work. */
export function describeWorks(
  works: [title: string, quantity: number][],
  about: { currency: string; taxRate: string },
): { lines: Line[]; total: number } {
  const lines = works.map(([title, quantity], place) => {
    const work = [...treatments, ...extras].find((one) => one.title === title);
    if (!work) throw new Error(`${title} is not in the catalogue`);
    return toLine({ id: String(place + 1), work, quantity, ...about });
  });
  return { lines, total: lines.reduce((sum, line) => sum + line.total, 0) };
}

/** One line whose price is given in euro cents; the amounts are in the invoice's currency. */
function toLine(of: {
  id: string;
  work: Work;
  quantity: number;
  currency: string;
  taxRate: string;
}): Line {
  const { id, work, quantity, currency, taxRate } = of;
  const unitPrice = inCurrency(work.price, currency);
  const net = unitPrice * quantity;
  const total = net + Math.round((net * Number(taxRate)) / 100);
  const { title: description, unit } = work;
  return { id, description, quantity: String(quantity), unit, unitPrice, net, taxRate, total };
}

/** Euro cents as minor units of another currency. */
function inCurrency(cents: number, currency: string): number {
  const scale = 10 ** decimalsOf(currency) / 100;
  return Math.max(1, Math.round((cents * (rates[currency] ?? 1000) * scale) / 1000));
}

function shuffle<Item>(random: Random, items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, place: random.next() }))
    .sort((one, other) => one.place - other.place)
    .map(({ item }) => item);
}
