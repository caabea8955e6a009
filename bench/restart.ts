import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { freePort } from "#demo/free-port.ts";
import { appSecret, benchConfig } from "./bench-config.ts";
import { filledFolder } from "./filled.ts";
import { loadOnce } from "./load-once.ts";
import { startFlags } from "./start-flags.ts";
import { atMost, median, noBar, type Plan, type Row } from "./row.ts";

const barSeconds = 2;
const deliveries = 5_000;
const pollMs = 5;

/** From SIGKILL under load to serving again with the large ledger, and what memory the portal takes. */
export async function run({ runs, large }: Plan): Promise<Row[]> {
  const folder = await filledFolder(large);
  benchConfig(folder);
  const took: number[] = [];
  const idleMiB: number[] = [];
  const peakMiB: number[] = [];
  let running = await start(folder);
  for (let round = 0; round < runs; round++) {
    // Past what other parts have sent to the same folder.
    const from = 10_000_000 + round * deliveries;
    idleMiB.push(await memoryMiB(running.child, "VmRSS"));
    await loadOnce({ port: running.port, scheme: "standard-webhooks", requests: deliveries, from });
    peakMiB.push(await memoryMiB(running.child, "VmHWM"));
    const killed = performance.now();
    running.child.kill("SIGKILL");
    await once(running.child, "exit");
    running = await start(folder);
    took.push((performance.now() - killed) / 1000);
  }
  running.child.kill("SIGKILL");
  await once(running.child, "exit");
  const value = median(took);
  const note = `median of ${runs} runs with ${large} invoices, killed right after ${deliveries} deliveries`;
  return [
    { name: "SIGKILL to serving", value, unit: " s", note, ...atMost(value, barSeconds) },
    { name: "memory after the start", value: median(idleMiB), unit: " MiB", note, ...noBar },
    { name: "memory at most, under ingest", value: median(peakMiB), unit: " MiB", note, ...noBar },
  ];
}

/** The portal as `npm start` runs it, once it is ready. */
async function start(folder: string) {
  const port = await freePort(0);
  const child = spawn(process.execPath, [...startFlags, "build/portal/main.js"], {
    stdio: ["ignore", "ignore", "inherit"],
    env: {
      ...process.env,
      NODE_ENV: "production",
      APP_SECRET: appSecret,
      PUBLIC_URL: `http://localhost:${port}`,
      PORT: String(port),
      DATA_DIR: folder,
      CONNECTIONS_FILE: join(folder, "connections.json"),
      LOG_LEVEL: "error",
      SMTP_URL: "smtp://127.0.0.1:9",
    },
  });
  for (;;) {
    if (child.exitCode !== null) throw new Error(`The portal ended with ${child.exitCode}`);
    if (await isReady(port)) return { child, port };
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

async function isReady(port: number): Promise<boolean> {
  const asked = fetch(`http://127.0.0.1:${port}/readyz`);
  const status = await asked.then(
    (answer) => answer.status,
    // Nobody listens there yet.
    () => 0,
  );
  return status === 200;
}

async function memoryMiB({ pid }: ChildProcess, field: "VmRSS" | "VmHWM"): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const [, kib = "0"] = new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(status) ?? [];
  return Number(kib) / 1024;
}
