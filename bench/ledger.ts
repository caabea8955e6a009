import { startChild } from "./child.ts";
import { filledFolder } from "./filled.ts";
import { atLeast, median, noBar, type Plan, type Row } from "./row.ts";

const barPerSecond = 200_000;

/** Events a second when the large ledger is verified, and when its projections are made anew. */
export async function run({ runs, large }: Plan): Promise<Row[]> {
  using ledger = startChild("ledger-process", [await filledFolder(large)]);
  const rates: number[] = [];
  for (let round = 0; round < runs; round++) rates.push(Number(await ledger.ask("verify")));
  const verified = median(rates);
  const rebuilt = Number(await ledger.ask("rebuild"));
  const note = `median of ${runs} runs over ${large} invoices`;
  return [
    {
      name: "ledger verified, events",
      value: verified,
      unit: "/s",
      note,
      ...atLeast(verified, barPerSecond),
    },
    {
      name: "projections rebuilt, events",
      value: rebuilt,
      unit: "/s",
      note: `one run over ${large} invoices`,
      ...noBar,
    },
  ];
}
