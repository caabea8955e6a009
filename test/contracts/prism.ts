import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const prism = fileURLToPath(import.meta.resolve("@stoplight/prism-cli"));
const startsWithinMs = 120_000;

/**
 * Prism between a client and `upstream`: it hands everything on and names in `sl-violations` what the
 * description does not allow, in the request and in the answer.
 */
export async function startPrism({ document, upstream }: { document: string; upstream: string }) {
  const args = ["proxy", document, upstream, "--host", "127.0.0.1", "--port", "0"];
  const stdio = ["ignore", "pipe", "inherit"] as const;
  const child = spawn(process.execPath, [prism, ...args], { stdio: [...stdio] });
  const ended = once(child, "exit");
  const stop = async () => {
    child.kill("SIGKILL");
    await ended;
  };
  const late = setTimeout(() => child.kill("SIGKILL"), startsWithinMs);
  for await (const line of createInterface({ input: child.stdout })) {
    const [, url] = /listening on (http:\S+)/.exec(line) ?? [];
    if (url === undefined) continue;
    clearTimeout(late);
    child.stdout.resume(); // it goes on writing, and must not wait for a reader
    return { url, [Symbol.asyncDispose]: stop };
  }
  clearTimeout(late);
  await ended;
  throw new Error(`Prism did not start on ${document}`);
}
