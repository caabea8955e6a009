import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { createRandom } from "#demo/random.ts";
import { builtPortal, notDurable, patchedPortal, shortLog } from "./bundle.ts";
import { checkImage } from "./check-image.ts";
import { createDisk, losses } from "./disk-model.ts";
import { type Entry, readRecord } from "./disk-record.ts";
import { compileNative } from "./native.ts";
import { addCounts, type Asked } from "./report.ts";
import { openWorld, type World } from "./world.ts";

const usualImages = 60;
const imagesOfRecord = 250;
const usualSeconds = 0.8;
const starts = 3;
/** In memory where there is such a folder: an image is written and read once. */
const scratch = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

/** Cuts the power at random moments: nothing that was acknowledged is missing afterwards. */
export async function runPower(asked: Asked) {
  const built = await builtPortal();
  const short = patchedPortal(built, "short-log", [shortLog]);
  const { counts, faults } = await cutPower(asked, [built, short]);
  return { counts, faults };
}

/** The control: the same, with a database that is not synced at each commit, has to lose something. */
export async function runPowerControl(asked: Asked) {
  const built = await builtPortal();
  const weak = patchedPortal(built, "not-durable", notDurable);
  const { counts, faults } = await cutPower(asked, [weak]);
  const lost = counts["images that lost something"] ?? 0;
  const broken = faults.filter((fault) => !fault.includes(lostWords));
  return {
    counts,
    faults: lost > 0 ? broken : ["nothing was lost: the campaign does not see what it is for"],
  };
}

const lostWords = "acknowledged but not there";

async function cutPower(
  { seed, cycles: images = usualImages, seconds = usualSeconds, signal }: Asked,
  builds: string[],
) {
  const counts: Record<string, number> = { images: 0, "images that lost something": 0 };
  const faults: string[] = [];
  const records = Math.max(builds.length, Math.ceil(images / imagesOfRecord));
  for (let at = 0; at < records && !signal.aborted; at++) {
    const built = builds[at % builds.length] ?? "";
    const share = Math.floor(images / records) + (at < images % records ? 1 : 0);
    const recorded = await record({ built, seed: seed * 10_000 + at, seconds });
    const found = await cutRecord(recorded, { images: share, seed: seed * 10_000 + at });
    addCounts(counts, found.counts);
    faults.push(...found.faults.map((fault) => `record ${at}: ${fault}`));
  }
  return { counts, faults };
}

interface Recorded {
  /** What lay in the folder before. */
  given: Map<string, Buffer>;
  entries: Entry[];
  /** Delivery ids by the place in the record where their answer left. */
  answers: Map<number, string>;
  disputes: number;
}

/** Runs a portal under load, with clean stops between, and writes down what it does to its files. */
async function record(how: { built: string; seed: number; seconds: number }): Promise<Recorded> {
  const world = await openWorld(how);
  const notes = mkdtempSync(join(tmpdir(), "campaign-record-"));
  try {
    const given = databaseFiles(world.folder);
    const file = join(notes, "record");
    const environment = {
      ...world.start.environment,
      LD_PRELOAD: compileNative("recorder", notes),
      RECORD_FILE: file,
      RECORD_FOLDER: world.folder,
    };
    world.start.environment = environment;
    const answered = new Map<string, string>();
    for (let start = 0; start < starts; start++) await load(world, how.seconds, answered);
    const entries = readRecord(readFileSync(file));
    return { given, entries, ...matched(entries, answered), disputes: world.traffic.asked.length };
  } finally {
    rmSync(notes, { recursive: true, force: true });
    await world.close();
  }
}

async function load(world: World, seconds: number, answered: Map<string, string>): Promise<void> {
  const running = await world.open();
  const stopping = new AbortController();
  const work = Promise.all([
    world.traffic.flow(stopping.signal, 6, ({ id }, { status, port, success }) => {
      if (status === 204) answered.set(`${world.traffic.life()}:${port}:${success}`, id);
    }),
    world.traffic.dispute(stopping.signal, 5),
  ]);
  await pause(seconds * 1000);
  stopping.abort();
  await work;
  const code = await running.stop();
  if (code !== 0) throw new Error(`It stopped with ${code}:\n${running.log()}`);
}

/** Which answer of the record was whose. A port that is used again begins another count. */
function matched(entries: Entry[], answered: Map<string, string>) {
  const answers = new Map<number, string>();
  const seen = new Map<number, number>();
  const lives = livesOf(answered);
  for (const entry of entries) {
    if (entry.kind !== "answer") continue;
    const success = (seen.get(entry.port) ?? 0) + 1;
    seen.set(entry.port, success);
    const life = lives.get(entry.port);
    const id = life === undefined ? undefined : answered.get(`${life}:${entry.port}:${success}`);
    if (id !== undefined) answers.set(entry.at, id);
  }
  if (answers.size < answered.size * 0.9) {
    throw new Error(`Only ${answers.size} of ${answered.size} answers are in the record`);
  }
  return { answers };
}

/** Ports that one life of the portal alone had: the count of another cannot be mistaken for it. */
function livesOf(answered: Map<string, string>): Map<number, string> {
  const lives = new Map<number, string | null>();
  for (const key of answered.keys()) {
    const [life = "", port] = key.split(":");
    const known = lives.get(Number(port));
    lives.set(Number(port), known === undefined || known === life ? life : null);
  }
  return new Map([...lives].flatMap(([port, life]) => (life === null ? [] : [[port, life]])));
}

async function cutRecord(
  { given, entries, answers }: Recorded,
  { images, seed }: { images: number; seed: number },
) {
  const random = createRandom(seed + 1);
  const cuts = Array.from({ length: images }, () => random.between(0, entries.length)).sort(
    (a, b) => a - b,
  );
  const disk = createDisk(given);
  const folder = mkdtempSync(join(scratch, "campaign-image-"));
  const counts = { images: 0, "images that lost something": 0, acknowledged: 0, lost: 0 };
  const faults: string[] = [];
  const acknowledged = new Set<string>();
  let applied = 0;
  for (const [number, cut] of cuts.entries()) {
    for (const entry of entries.slice(applied, cut)) {
      disk.apply(entry);
      const id = answers.get(entry.at);
      if (id !== undefined) acknowledged.add(id);
    }
    applied = cut;
    const loss = random.pick(losses);
    writeImage(folder, disk.image(random, loss));
    const { lost, wrong } = await checkImage(folder, acknowledged, number % 20 === 0);
    counts.images += 1;
    counts.acknowledged += acknowledged.size;
    counts.lost += lost.length;
    if (lost.length > 0) counts["images that lost something"] += 1;
    const where = `cut at ${cut} of ${entries.length}, ${loss}`;
    if (lost.length > 0) faults.push(`${where}: ${lost.length} ${lostWords}, such as ${lost[0]}`);
    faults.push(...wrong.map((words) => `${where}: ${words}`));
  }
  rmSync(folder, { recursive: true, force: true });
  return { counts: { records: 1, "writes and syncs": entries.length, ...counts }, faults };
}

function databaseFiles(folder: string): Map<string, Buffer> {
  const names = readdirSync(folder).filter((name) => /^portal\.db(-wal)?$/.test(name));
  return new Map(names.map((name) => [join(folder, name), readFileSync(join(folder, name))]));
}

function writeImage(folder: string, files: Map<string, Buffer>): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  for (const [path, bytes] of files) {
    if (basename(path).startsWith("portal.db")) writeFileSync(join(folder, basename(path)), bytes);
  }
}
