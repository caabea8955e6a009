import type { Change, ConnectorKind } from "#domain/change.ts";
import type { Money } from "#domain/money.ts";
import { RequestError } from "#server/errors.ts";
import { type Facts, toldLast } from "./facts.ts";
import { currencyIn } from "./merge-snapshot.ts";

type Told = Exclude<Change, { kind: "fetch" }>;

interface From {
  facts: Facts;
  connection: { id: string; kind: ConnectorKind };
}

/**
 * Refuses amounts that cannot be taken as they are (RequestError 422): negative ones, and those in
 * another currency than the invoice's. Only its owner may correct the currency, by describing the
 * invoice in another one.
 */
export function requireSound(changes: Told[], from: From): void {
  const known = currencyOf(from.facts);
  const corrected = changes.flatMap((change) =>
    change.kind === "invoice" && mayCorrect(from) ? (currencyIn(change.invoice) ?? []) : [],
  );
  for (const change of changes) {
    requirePositive(change);
    if (known !== undefined) requireCurrency(change, [known, ...corrected]);
  }
}

function requirePositive(change: Told): void {
  const name = change.invoice.number ?? change.invoice.externalId ?? "";
  for (const [what, amount] of itemAmounts(change)) {
    if (amount.amount < 0) throw new RequestError(422, `Invoice ${name}: ${what} is negative`);
  }
}

function requireCurrency(change: Told, allowed: string[]): void {
  const { number, externalId } = change.invoice;
  const items = itemAmounts(change).map(([, amount]) => amount);
  const amounts = change.kind === "invoice" ? sumsOf(change.invoice) : items;
  const other = amounts.find(({ currency }) => !allowed.includes(currency));
  if (!other) return;
  const words = `is in ${allowed[0]}, not in ${other.currency}`;
  throw new RequestError(422, `Invoice ${number ?? externalId ?? ""} ${words}`);
}

/** The currency that the invoice is in: the owner's, else the first that was told. */
export function currencyOf({ owner, sources }: Facts): string | undefined {
  const own = sources[owner];
  const told = own && toldLast(own, "currency");
  if (told) return told.value;
  for (const source of Object.values(sources)) {
    const first = toldLast(source, "currency");
    if (first) return first.value;
  }
  return undefined;
}

/** The owner, and a system that is about to own it. */
function mayCorrect({ facts, connection }: From): boolean {
  if (facts.owner === connection.id) return true;
  const owner = facts.sources[facts.owner]?.kind;
  const decides = (kind: ConnectorKind | undefined) => kind === "erp" || kind === "accounting";
  return decides(connection.kind) && !decides(owner);
}

function sumsOf({
  total,
  paid,
  credited,
  due,
}: Extract<Told, { kind: "invoice" }>["invoice"]): Money[] {
  return [total, paid, credited, due].filter((amount) => amount !== undefined);
}

function itemAmounts(change: Told): [string, Money][] {
  const amounts: [string, Money | undefined][] = [
    [change.kind, "amount" in change ? change.amount : undefined],
    ["what was credited", "creditedAmount" in change ? change.creditedAmount : undefined],
  ];
  return amounts.flatMap(([what, amount]): [string, Money][] => (amount ? [[what, amount]] : []));
}
