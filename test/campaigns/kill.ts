import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { createRandom, type Random } from "#demo/random.ts";
import { startPostgres } from "#test/support/postgres.ts";
import { openBook } from "./book.ts";
import { builtPortal, patchedPortal, shortLog } from "./bundle.ts";
import { consult, lostDeliveries, unfinished } from "./oracle.ts";
import { addCounts, type Asked } from "./report.ts";
import { runCommand, startRunning, type Running } from "./running.ts";
import { openWorld, type World } from "./world.ts";

const usualCycles = 20;
/** After so many cycles on one folder everything is checked, and the next begin on a new one. */
const cyclesOfFolder = 25;
/** Folders at once, each with a portal. */
const lanes = 2;
const loadMs = 500;
const leaseMs = 6 * 60_000;

const anywhere = [
  ...(["load", "load", "load", "load", "start", "start"] as const),
  ...(["send", "send", "send", "stop", "stop", "migration"] as const),
];
const inFile = [...anywhere, "checkpoint", "checkpoint"] as const;
const onServer = [...anywhere, "cut", "cut"] as const;
type Moment = (typeof inFile | typeof onServer)[number];

/**
 * Kills the portal with SIGKILL at random moments and starts it again on the same folder, while its
 * systems send and send again what was not acknowledged. Every other folder is served by a portal
 * whose log is copied into the database every 100 pages, so that kills fall into that, too.
 */
export async function runKill(asked: Asked) {
  const built = await builtPortal();
  const short = patchedPortal(built, "short-log", [shortLog]);
  return runStretches(asked, (at) => ({ built: at % 2 === 0 ? built : short }));
}

/** The same on PostgreSQL, which also cuts the portal's connections in the middle of its work. */
export async function runKillPostgres(asked: Asked) {
  const built = await builtPortal();
  const { url, stop } = await startPostgres();
  try {
    // Everything takes longer there.
    const seconds = asked.seconds ?? 1;
    return await runStretches({ ...asked, seconds }, () => ({ built, server: url }));
  } finally {
    await stop();
  }
}

async function runStretches(
  { seed, cycles = usualCycles, seconds, signal }: Asked,
  portalOf: (folder: number) => Pick<Stretch, "built" | "server">,
) {
  const stretches: number[] = [];
  for (let left = cycles; left > 0; left -= cyclesOfFolder) {
    stretches.push(Math.min(left, cyclesOfFolder));
  }
  const counts: Record<string, number> = { cycles: 0 };
  const faults: string[] = [];
  const next = stretches.entries();
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      for (const [at, length] of next) {
        if (signal.aborted) return;
        const options = { seed: seed * 10_000 + at, cycles: length, loadMs: msOf(seconds) };
        const found = await runStretch({ ...portalOf(at), ...options });
        addCounts(counts, found.counts);
        faults.push(...found.faults.map((fault) => `folder ${at}: ${fault}`));
        if (cycles > usualCycles) console.log(`${counts["cycles"]} of ${cycles} cycles`);
      }
    }),
  );
  return { counts, faults };
}

const msOf = (seconds: number | undefined) => (seconds === undefined ? loadMs : seconds * 1000);

interface Stretch {
  seed: number;
  built: string;
  /** A PostgreSQL server, where the database is not a file. */
  server?: string;
  cycles: number;
  loadMs: number;
}

async function runStretch({ cycles, ...options }: Stretch) {
  const world = await openWorld(options);
  const counts: Record<string, number> = { cycles };
  const faults: string[] = [];
  try {
    const random = createRandom(options.seed + 1);
    for (let cycle = 0; cycle < cycles; cycle++) {
      const moment = random.pick<Moment>(options.server === undefined ? inFile : onServer);
      await killAt(moment, { world, random, loadMs: options.loadMs, server: options.server });
      addCounts(counts, { [`killed at ${moment}`]: 1 });
      const lost = await lostDeliveries(world);
      if (lost.length > 0) faults.push(`cycle ${cycle} (${moment}) lost ${lost.join(", ")}`);
    }
    faults.push(...(await finish(world)));
    const found = await consult(world);
    addCounts(counts, found.counts);
    faults.push(...found.faults);
  } finally {
    await world.close();
  }
  return { counts, faults };
}

interface Cycle {
  world: World;
  random: Random;
  loadMs: number;
  server: string | undefined;
}

async function killAt(moment: Moment, cycle: Cycle): Promise<void> {
  if (moment === "migration") return killInMigration(cycle);
  if (moment === "start") return killInStart(cycle);
  const { world, random } = cycle;
  const running = await world.open();
  const stopping = new AbortController();
  const traffic = Promise.all([
    world.traffic.flow(stopping.signal),
    world.traffic.dispute(stopping.signal, 3),
  ]);
  await momentOf(moment, running, cycle);
  await running.kill();
  stopping.abort();
  await traffic;
  world.relay.state.onTaken = world.erp.state.onEffect = () => undefined;
  // A portal that has just started sends nothing yet: its start is part of the chance, too.
  if (random.chance(0.05)) await killInStart(cycle);
}

/** Waits for the moment at which the running portal is to be killed. */
async function momentOf(moment: Moment, running: Running, { world, random, loadMs: most }: Cycle) {
  const { promise: late, cancel } = cancellable(most * 3);
  if (moment === "load") {
    await pause(random.between(0, most));
  } else if (moment === "stop") {
    await pause(random.between(most / 5, most));
    running.terminate();
    await pause(random.between(0, 150));
  } else if (moment === "checkpoint") {
    await Promise.race([databaseWritten(world.folder, late), late]);
    await pause(random.between(0, 20));
  } else if (moment === "cut") {
    await pause(random.between(0, most));
    await world.book.cut();
    await pause(random.between(0, most));
  } else {
    // At the relay's or the ERP's door: it has taken it, and the portal has no answer yet.
    let left = random.between(1, 6);
    const sent = new Promise<void>((resolve) => {
      const count = () => void (--left === 0 && resolve(running.kill()));
      world.relay.state.onTaken = world.erp.state.onEffect = count;
    });
    await Promise.race([sent, late]);
  }
  cancel();
}

function cancellable(ms: number) {
  const timeout = new AbortController();
  const promise = pause(ms, undefined, { signal: timeout.signal }).catch(() => undefined);
  return { promise, cancel: () => timeout.abort() };
}

/** Resolves when the database itself is written, not its log: a checkpoint is under way. */
async function databaseWritten(folder: string, late: Promise<unknown>): Promise<void> {
  const file = join(folder, "portal.db");
  const before = statSync(file).mtimeMs;
  let isLate = false;
  void late.then(() => (isLate = true));
  while (!isLate && statSync(file).mtimeMs === before) await pause(1);
}

const startedMs = 1_200;

async function killInStart({ world, random }: Cycle): Promise<void> {
  const running = startRunning(world.start);
  await Promise.race([pause(random.between(0, startedMs)), running.listens]);
  await running.kill();
}

/** Kills the first start on an empty folder, where the tables are made; the second must find its way. */
async function killInMigration({ world, random, server }: Cycle): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "campaign-first-"));
  const book = await openBook(folder, server);
  const environment = { ...world.start.environment, ...book.environment };
  const start = { ...world.start, folder, environment };
  try {
    writeFileSync(join(folder, "connections.json"), "[]");
    const first = startRunning(start);
    while (!(await book.isBegun())) await pause(1);
    await pause(random.between(0, 150));
    await first.kill();
    const second = startRunning(start);
    await second.listens;
    await second.kill();
    await runCommand(start, ["ledger", "verify"]);
  } finally {
    await book.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const quietMs = 1_000;
const mostMs = 120_000;

/**
 * One undisturbed start: the systems send again what was not acknowledged, and time passes until what
 * killed portals had leased comes due. Gives what remained undone.
 */
export async function finish(world: World): Promise<string[]> {
  const running = await world.open();
  const faults: string[] = [];
  // A dispute needs its invoice: what was acknowledged is recorded first, however late the thread started.
  await world.traffic.settle();
  await settleDown(world);
  const open = await world.traffic.settle();
  if (open > 0) faults.push(`${open} were not acknowledged by a portal that runs`);
  const rows = await settleDown(world);
  if (rows > 0) faults.push(`${rows} rows are still due`);
  const code = await running.stop();
  if (code !== 0) faults.push(`it stopped with ${code}:\n${running.log()}`);
  return faults;
}

/** Waits until nothing is due; where nothing moves any more, lets leases run out. Gives what is left. */
export async function settleDown({ book, faults }: World): Promise<number> {
  const began = performance.now();
  let rows = await unfinished(book);
  let movedAt = began;
  while (rows > 0 && performance.now() - began < mostMs) {
    await pause(50);
    const now = await unfinished(book);
    if (now !== rows) movedAt = performance.now();
    rows = now;
    if (performance.now() - movedAt < quietMs) continue;
    faults.jump(leaseMs);
    movedAt = performance.now();
  }
  return rows;
}
