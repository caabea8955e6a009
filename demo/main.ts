import { buildIfStale } from "./build.ts";
import { keepForOneself } from "./one-at-a-time.ts";
import { runDemo } from "./run.ts";

// React is three times as fast when it knows before it is loaded that nobody develops here.
process.env.NODE_ENV ??= "production";

const folder = "data/demo";
if (!keepForOneself(folder)) {
  console.error(
    `A demo is running in ${folder} already. End it first, with Ctrl-C where it was started.`,
  );
  process.exit(1);
}

/** A port from the environment; the demo takes a free one where it is occupied, and says so. */
function portOf(name: string, usual: number): number {
  const port = Number(process.env[name] || usual);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  console.error(`${name} is no port: ${process.env[name]}`);
  process.exit(1);
}

const startedMs = Date.now();
if (await buildIfStale()) console.log("The pages were built.");
const demo = await runDemo({
  folder,
  keep: process.argv.includes("--keep"),
  portalPort: portOf("PORT", 3000),
  erpPort: portOf("ERP_PORT", 4100),
  count: 640,
  keepBusy: true,
  say: (line) => console.log(line),
});

console.log(`
Kestrel Anodizing is open, after ${Math.round((Date.now() - startedMs) / 1000)} s.

  As a customer (Ines de Wolf of Meridian)   ${demo.url}/demo/sign-in/customer
  As finance (Marit Oosterhuis of Kestrel)   ${demo.url}/demo/sign-in/finance
  The accounting system                      ${demo.erpUrl}
  Every mail that would have been sent       ${demo.url}/dev/mail

Sign in as customer and finance in two browsers, or one of them in a private window.
Ctrl-C ends it.`);

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    console.log("\nStopping …");
    demo.close().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  });
}
