import { startChild } from "./child.ts";
import { LoadResult, type LoadPlan } from "./load.ts";

type Load = Pick<LoadPlan, "port" | "scheme" | "requests" | "from"> &
  Partial<Pick<LoadPlan, "connections" | "perSecond">>;

/** One load run in a process of its own, usually over 64 connections. Throws when a delivery was refused. */
export async function loadOnce(load: Load): Promise<LoadResult> {
  const { result } = await startLoad(load);
  return result;
}

/** The same, as soon as its first request goes out: making and signing the messages takes a while. */
export async function startLoad({ connections = 64, perSecond = null, ...load }: Load) {
  const path = load.scheme === "stripe" ? "/webhooks/stripe" : "/webhooks/erp";
  const plan: LoadPlan = { ...load, path, connections, perSecond };
  const loader = startChild("load-process", [JSON.stringify(plan)]);
  await loader.read();
  const ended = async (): Promise<LoadResult> => {
    using _ended = loader;
    const result = LoadResult.parse(JSON.parse(await loader.read()));
    if (result.refused > 0) throw new Error(`${result.refused} deliveries were refused`);
    return result;
  };
  return { result: ended() };
}

/** Seconds from a run's first request until the portal has recorded the last delivery. */
export async function ingestOnce(
  portal: ReturnType<typeof startChild>,
  load: Load,
): Promise<number> {
  const { seconds } = await loadOnce(load);
  const answered = performance.now();
  while (Number(await portal.ask("waiting")) > 0) {
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  return seconds + (performance.now() - answered) / 1000;
}

const pollMs = 20;
