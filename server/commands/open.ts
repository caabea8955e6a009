import { type Auth, createAuth } from "#server/auth.ts";
import type { Config } from "#server/config.ts";
import { loadConnections } from "#server/connections.ts";
import type { Source } from "#server/domain/event.ts";
import { openContext } from "#server/open-context.ts";
import type { Portal } from "#server/portal-context.ts";
import type { Said } from "./say.ts";

/** Who the ledger names for what a command did. */
export const commandLine: Source = { kind: "operator", name: "command line" };

/** Runs one command on an open portal and prints what it says. */
export type Run = (work: (portal: Portal) => Promise<Said>) => Promise<void>;

/**
 * Opens the database beside a running server, migrates it, does the work and closes. The server finds
 * what became due within seconds by itself, so nothing is woken here.
 */
export async function withPortal<Result>(
  config: Config,
  work: (portal: Portal) => Promise<Result>,
): Promise<Result> {
  const { context, close } = await openContext(config);
  try {
    const connections = await loadConnections(context);
    let auth: Auth | undefined;
    try {
      return await work({
        ...context,
        // Made when first asked for: most commands sign nobody in.
        get auth() {
          return (auth ??= createAuth(context));
        },
        connections,
        wakeOutbox: () => {},
        wakeProcess: () => {},
      });
    } finally {
      await connections.close();
    }
  } finally {
    await close();
  }
}
