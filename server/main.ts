import { readConfig } from "./config.ts";
import { builtPages, sourcePages } from "./http/pages.ts";
import { startPortal } from "./start.ts";

try {
  await serve();
} catch (error) {
  process.stderr.write(`${wordsOf(error)}\n`);
  process.exit(1);
}

async function serve(): Promise<void> {
  const config = readConfig(process.env);
  const { portal, close } = await startPortal({
    config,
    environment: process.env,
    pages: config.production ? builtPages : sourcePages,
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      portal.log.info({ signal }, "stopping");
      close().then(
        () => process.exit(0),
        (error: unknown) => {
          portal.log.fatal({ err: error }, "could not stop cleanly");
          process.exit(1);
        },
      );
    });
  }
}

/** What an operator can mend is one sentence; anything else is a fault of ours and keeps its stack. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, syscall } = Object.assign({ code: undefined, syscall: undefined }, error);
  if (code === "EADDRINUSE") {
    return `Another program listens at this address already. Set HOST or PORT. (${error.message})`;
  }
  return syscall === undefined && error.cause === undefined && !isConfigured(error)
    ? (error.stack ?? error.message)
    : error.message;
}

function isConfigured({ message }: Error): boolean {
  return /^The (configuration|connections file) has faults|under another APP_SECRET/.test(message);
}
