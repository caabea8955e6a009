import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { z } from "zod";
import type { ErpOptions } from "./erp/main.ts";

const Started = z.object({ url: z.url() });

/** Runs the ERP as a program of its own. Gives its address; throws when it ends before it listens. */
export async function spawnErp(
  options: ErpOptions,
): Promise<{ url: string; close(): Promise<void> }> {
  const args = ["--import", "tsx", "demo/erp/main.ts", JSON.stringify(options)];
  // A group of its own: Ctrl-C reaches the demo first, which then ends the ERP in order.
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "pipe", "inherit"],
    detached: true,
  });
  const { url } = Started.parse(JSON.parse(await firstLine(child)));
  return {
    url,
    async close() {
      if (child.exitCode !== null) return;
      child.kill("SIGTERM");
      await once(child, "exit");
    },
  };
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error("The ERP has no output to read");
  for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error("The demo ERP ended before it listened");
}
