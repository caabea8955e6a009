import { build } from "esbuild";
import { buildIfStale } from "#demo/build.ts";

const processes = [
  "server",
  "bare-server",
  "load-process",
  "pages-server",
  "bare-react",
  "fill-process",
  "fan-out-server",
  "bare-sockets",
  "socket-clients",
  "ledger-process",
];

/** The pages as they run in production, and the bench's own processes bundled in the same way. */
export async function buildBench(): Promise<void> {
  await buildIfStale();
  await build({
    entryPoints: [
      ...processes.map((name) => `bench/${name}.ts`),
      "server/webhooks/process-thread.ts",
      "server/database/checkpoint-thread.ts",
    ],
    entryNames: "[name]",
    outdir: "build/bench",
    bundle: true,
    splitting: true,
    platform: "node",
    format: "esm",
    target: "node20.19",
    packages: "external",
    logLevel: "warning",
  });
}
