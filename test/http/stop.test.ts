import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";

const isLinux = process.platform === "linux";

/** A port that nobody listens at now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  return typeof address === "object" && address ? address.port : 0;
}

function npm(args: string[], environment: Record<string, string>) {
  const child = spawn("npm", args, { env: { ...process.env, ...environment }, detached: true });
  let words = "";
  child.stdout.on("data", (chunk: Buffer) => (words += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (words += chunk.toString()));
  return { child, ended: once(child, "exit"), words: () => words };
}

test.runIf(isLinux)(
  "a signal to npm stops the portal that it started, and a port in use is one sentence",
  { timeout: 120_000 },
  async () => {
    const [folder, port] = [await mkdtemp(join(tmpdir(), "stop-")), await freePort()];
    const build = npm(["run", "build:portal"], {});
    expect((await build.ended)[0], build.words()).toBe(0);
    const environment = {
      DATA_DIR: folder,
      PORT: String(port),
      PUBLIC_URL: `http://localhost:${port}`,
      APP_SECRET: "a secret of the tests that is long enough",
      LOG_LEVEL: "error",
    };
    const isHealthy = () =>
      fetch(`http://127.0.0.1:${port}/healthz`).then(
        ({ ok }) => ok,
        () => false,
      );
    const first = npm(["start"], environment);
    await vi.waitFor(async () => expect(await isHealthy()).toBe(true), 60_000);

    const second = npm(["start"], environment);
    await second.ended;
    expect(second.words()).toContain("Another program listens at this address already");
    expect(second.words()).not.toContain("    at ");

    first.child.kill("SIGTERM");
    await first.ended;
    await vi.waitFor(async () => expect(await isHealthy()).toBe(false), 15_000);
    await rm(folder, { recursive: true });
  },
);
