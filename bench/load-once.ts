import { startChild } from "./child.ts";
import { LoadResult, type LoadPlan } from "./load.ts";

type Load = Pick<LoadPlan, "port" | "scheme" | "requests" | "from"> & { perSecond?: number };

/** One load run in a process of its own, over 64 connections. Throws when a delivery was refused. */
export async function loadOnce({ perSecond, ...load }: Load): Promise<LoadResult> {
  const path = load.scheme === "stripe" ? "/webhooks/stripe" : "/webhooks/erp";
  const plan: LoadPlan = { ...load, path, connections: 64, perSecond: perSecond ?? null };
  using loader = startChild("load-process", [JSON.stringify(plan)]);
  const result = LoadResult.parse(JSON.parse(await loader.read()));
  if (result.refused > 0) throw new Error(`${result.refused} deliveries were refused`);
  return result;
}

const pollMs = 20;

/** Waits until nothing waits to be processed any more. */
export async function drained(waiting: () => Promise<string>): Promise<void> {
  while (Number(await waiting()) > 0) await new Promise((resolve) => setTimeout(resolve, pollMs));
}
