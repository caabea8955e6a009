import { readConfig } from "./config.ts";
import { builtPages, sourcePages } from "./pages.ts";
import { startPortal } from "./start.ts";

const config = readConfig(process.env);
const running = await startPortal({
  config,
  environment: process.env,
  pages: config.production ? builtPages : sourcePages,
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    running.portal.log.info({ signal }, "stopping");
    running.close().then(
      () => process.exit(0),
      (error: unknown) => {
        running.portal.log.fatal({ err: error }, "could not stop cleanly");
        process.exit(1);
      },
    );
  });
}
