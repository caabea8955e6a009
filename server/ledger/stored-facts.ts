import { z } from "zod";
import type { Version } from "#domain/change.ts";
import type {
  CreditTold,
  Facts,
  FieldName,
  Fields,
  PaymentTold,
  SourceFacts,
  SumsTold,
  Telling,
  Told,
} from "./facts.ts";
import { compareTold } from "./facts.ts";

// Facts are written by the ledger alone and change with it, so reading trusts their shape.
const StoredFacts = z.custom<{ owner: string; sources: Record<string, SourceFacts | OldSource> }>(
  (value) => typeof value === "object" && value !== null,
);

/** Facts from their text, also as they were written before tellings were kept whole. */
export function readFacts(text: string): Facts {
  const { owner, sources } = StoredFacts.parse(JSON.parse(text));
  const facts: Facts = { owner, sources: {} };
  for (const [connection, source] of Object.entries(sources)) {
    facts.sources[connection] = "tellings" in source ? source : wholeTellings(source);
  }
  return facts;
}

/** Each field with a version of its own, and sums apart. */
interface OldSource {
  kind: SourceFacts["kind"];
  fields: { [name in FieldName]?: { version: Version; at: string; value: Fields[name] } };
  money: (Told & Omit<SumsTold, "currency" | "balanceBy">)[];
  payments: PaymentTold[];
  credits: CreditTold[];
  overdueFor: string[];
}

/** Joins what was told under one version. Its whole is lost, so a new telling of that version wins. */
function wholeTellings({ kind, fields, money, payments, credits, overdueFor }: OldSource) {
  const tellings: Telling[] = [];
  const currency = fields.currency?.value;
  const tellingOf = ({ version, at }: Told): Telling => {
    const known = tellings.find((telling) => telling.version === version && telling.at === at);
    if (known) return known;
    const telling: Telling = { version, at, whole: {}, fields: {} };
    tellings.push(telling);
    return telling;
  };
  for (const { version, at, ...sums } of money) {
    tellingOf({ version, at }).sums = { ...(currency !== undefined && { currency }), ...sums };
  }
  for (const [name, told] of Object.entries(fields)) {
    Object.assign(tellingOf(told).fields, { [name]: told.value });
  }
  const source: SourceFacts = { kind, tellings, payments, credits, overdue: [] };
  tellings.sort(compareTold);
  const first = tellings[0] ?? { version: 0, at: "" };
  source.overdue = overdueFor.map((dueOn) => ({
    ...{ version: first.version, at: first.at },
    ...(dueOn !== "" && { dueOn }),
  }));
  return source;
}
