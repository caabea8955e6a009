import type { Connections } from "#server/connections/connections.ts";
import { type Reconciling, reconcile } from "./run.ts";

/** A long reading goes on at the next minute, so that others whose time comes need not wait for its end. */
const sliceMs = 45_000;

/** Reads every connection whose time has come, side by side: a slow one does not keep the others. */
export async function reconcileDue(
  context: Reconciling & { connections: Pick<Connections, "get" | "list"> },
  stopped?: AbortSignal,
): Promise<void> {
  const began = performance.now();
  const givesWay = () => stopped?.aborted === true || performance.now() - began > sliceMs;
  const read = async (id: string) => {
    try {
      await reconcile(context, id, { anyTime: false, givesWay });
    } catch (error) {
      context.log.error({ err: error, connection: id }, "a reconciliation failed");
    }
  };
  await Promise.all(context.connections.list().map(({ id }) => read(id)));
}
