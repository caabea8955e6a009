import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildIfStale } from "#demo/build.ts";

/** The portal as `npm start` runs it, built when it is out of date. Gives the folder of its files. */
export async function builtPortal(): Promise<string> {
  await buildIfStale();
  return "build/portal";
}

interface Patch {
  from: RegExp;
  to: string;
}

/** WAL checkpoints come often, so that many fall into a short run. */
export const shortLog: Patch = { from: /checkpointEveryMs = \w+/, to: "checkpointEveryMs = 20" };

/** What the driver does unless told otherwise: the log is synced at checkpoints alone. */
export const notDurable: Patch[] = [
  { from: /await this\.#log\.sync\(\);/, to: "" },
  { from: /synced: \(\) => log\.sync\(\)/, to: "synced: async () => {}" },
  { from: /synchronous = FULL/, to: "synchronous = NORMAL" },
  { from: /synchronous !== 2/, to: "synchronous !== 1" },
];

/** A copy of the built portal with changed words, beside it. Throws when they are not in it. */
export function patchedPortal(built: string, name: string, patches: Patch[]): string {
  const folder = `build/campaign-${name}`;
  rmSync(folder, { recursive: true, force: true });
  cpSync(built, folder, { recursive: true });
  const files = readdirSync(folder).filter((file) => file.endsWith(".js"));
  const texts = new Map(files.map((file) => [file, readFileSync(join(folder, file), "utf8")]));
  for (const { from, to } of patches) {
    const [file] = [...texts].find(([, text]) => from.test(text)) ?? [];
    if (file === undefined) throw new Error(`The built portal has no ${from.source}`);
    for (const [each, text] of texts) texts.set(each, text.replaceAll(new RegExp(from, "g"), to));
  }
  for (const [file, text] of texts) writeFileSync(join(folder, file), text);
  return folder;
}
