import type { Command } from "commander";
import type { ReconcileRunRow } from "#db/schema/connections.ts";
import { RequestError } from "#server/errors.ts";
import type { Portal } from "#server/portal-context.ts";
import { reconcile } from "#server/reconcile/run.ts";
import type { Run } from "./open.ts";
import { short, table } from "./say.ts";

/** `reconcile [--connection ID]`: reads now what changed at the systems, without waiting for the hour. */
export function addReconcileCommand(program: Command, run: Run): void {
  program
    .command("reconcile")
    .description("read what changed at the systems now, and record what the ledger does not have")
    .option("--connection <id>", "this one alone")
    .action(({ connection }: { connection?: string }) =>
      run(
        async (portal) => {
          const ids = idsOf(portal, connection);
          const data = [];
          for (const id of ids)
            data.push(shown(id, await reconcile(portal, id, { anyTime: true })));
          const rows = data.map(({ error, ...row }) => ({ ...row, error: short(error, 80) }));
          const ok = data.every(({ error }) => error === null);
          return { data, text: table(rows, "No connection can be read"), ok };
        },
        { opensSecrets: true },
      ),
    );
}

/** Those that can be read; the one that was asked for in any case. */
function idsOf({ connections }: Portal, asked: string | undefined): string[] {
  if (asked === undefined) {
    const readable = connections.list().filter(({ connector }) => connector.changedSince);
    return readable.map(({ id }) => id);
  }
  const known = connections.get(asked);
  if (!known) throw new RequestError(404, `There is no connection ${asked}`);
  if (known.connector.changedSince) return [asked];
  throw new RequestError(
    422,
    `${known.name} cannot be read: there is no address or key to ask with`,
  );
}

function shown(connection: string, run: ReconcileRunRow | null) {
  if (run === null) {
    const state = "not now: paused, or being read";
    return { connection, state, since: null, read: 0, differed: 0, rejected: 0, error: null };
  }
  const state = run.ended_at === null ? "stopped; goes on from there" : "complete";
  const { since, read, differed, rejected, error } = run;
  return { connection, state, since, read, differed, rejected, error };
}
