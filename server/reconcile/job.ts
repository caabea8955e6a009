import type { Connections } from "#server/connections.ts";
import { type Reconciling, reconcile } from "./run.ts";

/** Reads every connection whose time has come, side by side: a slow one does not keep the others. */
export async function reconcileDue(
  context: Reconciling & { connections: Pick<Connections, "get" | "list"> },
): Promise<void> {
  const read = async (id: string) => {
    try {
      await reconcile(context, id, { anyTime: false });
    } catch (error) {
      context.log.error({ err: error, connection: id }, "a reconciliation failed");
    }
  };
  await Promise.all(context.connections.list().map(({ id }) => read(id)));
}
