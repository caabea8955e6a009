import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startChild } from "./child.ts";
import { LoadResult, type LoadPlan } from "./load.ts";
import type { Row } from "./row.ts";

const barPerSecond = 3_000;
const barBacklogSeconds = 1;
/** A little above the bar, so that reaching it shows. */
const offeredPerSecond = 3_150;

/** Signed invoices and payments through the whole portal, for a minute: received, recorded, projected. */
export async function run(seconds: number): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), "bench-ingest-"));
  using portal = startChild("server", ["ingest", folder]);
  const port = Number(await portal.read());
  const requests = offeredPerSecond * seconds;
  const plan: LoadPlan = {
    ...{ port, scheme: "standard-webhooks", path: "/webhooks/erp", connections: 64 },
    ...{ requests, from: 0, perSecond: offeredPerSecond },
  };
  using loader = startChild("load-process", [JSON.stringify(plan)]);
  const result = LoadResult.parse(JSON.parse(await loader.read()));
  const waiting = Number(await portal.ask("waiting"));
  await rm(folder, { recursive: true });
  if (result.refused > 0) throw new Error(`${result.refused} deliveries were refused`);
  const took = requests / result.perSecond;
  const perSecond = (requests - waiting) / took;
  const backlog = waiting / perSecond;
  const note = `${seconds} s, ${offeredPerSecond}/s offered, invoices and payments in turn`;
  return [
    {
      name: "whole ingest, recorded",
      value: perSecond,
      unit: "/s",
      bar: `>= ${barPerSecond}`,
      met: perSecond >= barPerSecond,
      note,
    },
    {
      name: "whole ingest, work left at the end",
      value: backlog,
      unit: "s",
      bar: `<= ${barBacklogSeconds}`,
      met: backlog <= barBacklogSeconds,
      note: `${waiting} deliveries`,
    },
  ];
}
