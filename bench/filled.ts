import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startChild } from "./child.ts";

const folders = new Map<number, Promise<string>>();

/** A data folder with so many invoices, made once a run. */
export function filledFolder(invoices: number): Promise<string> {
  const known = folders.get(invoices) ?? fill(invoices);
  folders.set(invoices, known);
  return known;
}

/** Removes every folder that was filled. */
export async function removeFilled(): Promise<void> {
  for (const folder of folders.values()) await rm(await folder, { recursive: true });
  folders.clear();
}

async function fill(invoices: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), `bench-filled-${invoices}-`));
  using filler = startChild("fill-process", [folder, String(invoices)]);
  console.error(`${invoices} invoices: ${await filler.read()}`);
  return folder;
}
