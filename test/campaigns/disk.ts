import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { builtPortal } from "./bundle.ts";
import { settleDown } from "./kill.ts";
import type { Failing } from "./native.ts";
import { consult } from "./oracle.ts";
import { addCounts, type Asked } from "./report.ts";
import type { Running } from "./running.ts";
import { openWorld, type World } from "./world.ts";

const usualRounds = 4;
const usualSeconds = 0.6;
const recoverMs = 20_000;

/**
 * Fills the disk under load, again and again: deliveries are answered 503 meanwhile, what was
 * acknowledged is kept, and with room again all goes on by itself. On a file system of its own where
 * the machine allows to mount one, else by a library that lets no file grow.
 */
export async function runDiskFull({ seed, cycles = usualRounds, seconds = usualSeconds }: Asked) {
  using disk = smallDisk();
  const world = await openWorld({ built: await builtPortal(), seed, inside: disk.folder });
  const counts: Record<string, number> = { rounds: cycles, [disk.how]: 1 };
  const faults: string[] = [];
  try {
    let running = await world.open();
    for (let round = 0; round < cycles; round++) {
      const fill = () => disk.fill(world);
      addCounts(counts, await loadWhile(world, seconds * 1000, fill));
      disk.makeRoom(world);
      ({ running } = await recovered(world, running, counts));
    }
    if ((counts["refused with 503"] ?? 0) === 0) faults.push("the disk was never full");
    const found = await ended(world, running);
    addCounts(counts, found.counts);
    faults.push(...found.faults);
  } finally {
    await world.close();
  }
  return { counts, faults };
}

/**
 * Lets file calls of the database fail with EIO at random moments: no success is told that is not
 * kept; after a failed fsync the portal ends itself, and its next start goes on.
 */
export async function runEio({ seed, cycles = usualRounds * 2, seconds = usualSeconds }: Asked) {
  const world = await openWorld({ built: await builtPortal(), seed });
  const counts: Record<string, number> = { rounds: cycles };
  const faults: string[] = [];
  const calls = ["write", "sync", "read"] as const;
  // The pages and the API may say 500 while nothing can be read; a delivery is never told so.
  world.traffic.tolerated.add(500);
  try {
    let running = await world.open();
    for (let round = 0; round < cycles; round++) {
      const call = calls[round % calls.length] ?? "sync";
      const how: Failing = {
        calls: [call],
        after: world.random.between(0, 60),
        times: world.random.pick([1, 2, -1]),
      };
      const fail = () => world.faults.fail(how);
      addCounts(counts, await loadWhile(world, seconds * 1000, fail));
      const failed = world.faults.failed();
      world.faults.mend();
      const { exited, ...again } = await recovered(world, running, counts);
      running = again.running;
      addCounts(counts, { [`rounds in which ${call} failed`]: failed > 0 ? 1 : 0 });
      if (call === "sync" && failed > 0 && !exited) faults.push("it went on after a failed fsync");
    }
    const found = await ended(world, running);
    addCounts(counts, found.counts);
    faults.push(...found.faults);
  } finally {
    await world.close();
  }
  return { counts, faults };
}

/** Load for so long, and the harm somewhere in its first half; counts how deliveries were answered. */
async function loadWhile({ traffic, random }: World, ms: number, harm: () => void) {
  const stopping = new AbortController();
  const answered: Record<string, number> = {};
  const work = Promise.all([
    traffic.flow(stopping.signal, 8, (_told, { status }) => {
      const words = status === 503 ? "refused with 503" : `answered ${status}`;
      answered[words] = (answered[words] ?? 0) + 1;
    }),
    traffic.dispute(stopping.signal, 5),
  ]);
  const before = random.between(0, ms / 2);
  await pause(before);
  harm();
  await pause(ms - before);
  stopping.abort();
  await work;
  return answered;
}

/** Waits until a delivery is acknowledged again; starts the portal when it had ended itself. */
async function recovered(world: World, running: Running, counts: Record<string, number>) {
  const began = performance.now();
  let exited = false;
  let runs = running;
  while (performance.now() - began < recoverMs) {
    if (runs.hasEnded()) {
      const code = await runs.ended;
      if (code !== 1) throw new Error(`It ended with ${code}:\n${runs.log()}`);
      exited = true;
      addCounts(counts, { "ended itself": 1 });
      runs = await world.open();
    }
    if (await world.traffic.deliverOne()) return { running: runs, exited };
    await pause(50);
  }
  throw new Error(`It did not recover in ${recoverMs} ms:\n${runs.log()}`);
}

/** Everything is sent again and processed; then the oracle. */
export async function ended(world: World, running: Running) {
  const faults: string[] = [];
  const open = (await world.traffic.settle()) && (await world.traffic.settle());
  if (open > 0) faults.push(`${open} were not acknowledged by a portal that is well`);
  const rows = await settleDown(world);
  if (rows > 0) faults.push(`${rows} rows are still due:\n${running.log()}`);
  const code = await running.stop();
  if (code !== 0) faults.push(`it stopped with ${code}:\n${running.log()}`);
  const found = await consult(world);
  return { counts: found.counts, faults: [...faults, ...found.faults] };
}

/** A file that takes all the room there is. */
function writeUntilFull(file: string): void {
  const open = openSync(file, "w");
  try {
    const block = Buffer.alloc(64 * 1024);
    for (;;) writeSync(open, block);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOSPC")) throw error;
  } finally {
    closeSync(open);
  }
}

function smallDisk() {
  const folder = mkdtempSync(join(tmpdir(), "campaign-disk-"));
  const mount = (options: string) =>
    execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder], { stdio: "ignore" });
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    // More than the log takes before it is copied into the database, and room for a rebuild.
    mount("size=512m");
  } catch {
    return {
      folder,
      how: "by a library that lets no file grow",
      fill: ({ faults }: World) => faults.fillUp(1),
      makeRoom: ({ faults }: World) => faults.mend(),
      [Symbol.dispose]: remove,
    };
  }
  const filler = join(folder, "filler");
  return {
    folder,
    how: "on a file system of its own",
    fill: () => writeUntilFull(filler),
    makeRoom: () => rmSync(filler),
    [Symbol.dispose]() {
      execFileSync("umount", [folder]);
      remove();
    },
  };
}
