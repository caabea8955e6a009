import { execFile } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { readdir } from "node:fs/promises";

const built = "build/server/index.js";
/** What the pages are built from: their loaders and actions carry our code with them. */
const sources = ["app", "server", "db", "public", "vite.config.ts", "remix.config.js"];

/**
 * Builds the pages when the build is missing or older than its sources. Gives whether it did.
 * Throws with what the builder said when they cannot be built.
 */
export async function buildIfStale(): Promise<boolean> {
  const builtMs = existsSync(built) ? statSync(built).mtimeMs : 0;
  if (builtMs > (await newestMs(sources))) return false;
  await build();
  return true;
}

function build(): Promise<void> {
  return new Promise((resolve, reject) => {
    const options = { maxBuffer: 64 * 1024 * 1024 };
    execFile("npm", ["run", "--silent", "build"], options, (error, _, words) => {
      if (error) reject(new Error(`The pages could not be built:\n${words.slice(0, 4000)}`));
      else resolve();
    });
  });
}

async function newestMs(paths: string[]): Promise<number> {
  let newest = 0;
  for (const path of paths) {
    newest = Math.max(newest, statSync(path).mtimeMs);
    if (!statSync(path).isDirectory()) continue;
    const entries = await readdir(path, { recursive: true, withFileTypes: true });
    for (const entry of entries.filter((one) => one.isFile())) {
      newest = Math.max(newest, statSync(`${entry.parentPath}/${entry.name}`).mtimeMs);
    }
  }
  return newest;
}
