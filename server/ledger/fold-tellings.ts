import { compareVersions, type SourceFacts, type SumsTold, type Telling } from "./facts.ts";
import { effectOfCredit, effectOfPayment, stepsOf } from "./merge-items.ts";

/**
 * Joins two neighbouring tellings into one, so that the list stays bounded and no field is forgotten.
 * Joined are the oldest two of which the later one repeats the earlier one's sums; if there are none,
 * the oldest two, and the pair counts as one telling of the later version.
 */
export function foldTellings(source: SourceFacts): void {
  const { tellings } = source;
  const steps = [
    ...source.payments.flatMap((payment) => stepsOf(payment, effectOfPayment)),
    ...source.credits.flatMap((credit) => stepsOf(credit, effectOfCredit)),
  ];
  const isBetween = (earlier: Telling, later: Telling) =>
    steps.some((step) => compareVersions(step, earlier) > 0 && compareVersions(step, later) <= 0);
  const at = tellings.findIndex((later, index) => {
    const earlier = tellings[index - 1];
    return earlier !== undefined && repeats(earlier, later) && !isBetween(earlier, later);
  });
  const [earlier, later] = [tellings[Math.max(0, at - 1)], tellings[Math.max(1, at)]];
  if (!earlier || !later) return;
  const fields = { ...earlier.fields, ...later.fields };
  const sums = joinedSums(earlier.sums, later.sums);
  const joined = at > 0 ? { ...earlier, fields } : { ...later, fields, ...(sums && { sums }) };
  tellings.splice(tellings.indexOf(earlier), 2, joined);
}

/** Whether the later telling says nothing new that sums are derived from. */
function repeats(earlier: Telling, later: Telling): boolean {
  const isIn = (told: object | undefined, known: object = {}) =>
    Object.entries(told ?? {}).every(([name, value]) => Reflect.get(known, name) === value);
  const { state, currency, dueOn } = later.fields;
  const fields = { state, currency, dueOn };
  const said = Object.entries(fields).filter(([, value]) => value !== undefined);
  return isIn(later.sums, earlier.sums) && isIn(Object.fromEntries(said), earlier.fields);
}

/** What both say together: a balance moves with the sums that are told after it. */
function joinedSums(
  earlier: SumsTold | undefined,
  later: SumsTold | undefined,
): SumsTold | undefined {
  if (!earlier || !later || earlier.currency !== later.currency) return later ?? earlier;
  const joined = { ...earlier, ...later };
  if (earlier.due === undefined || later.due !== undefined) return joined;
  const grown = (name: "total" | "paid" | "credited") =>
    later[name] === undefined ? 0 : later[name] - (earlier[name] ?? 0);
  return { ...joined, due: earlier.due + grown("total") - grown("paid") - grown("credited") };
}
