import { builtPortal } from "./bundle.ts";
import { ended } from "./disk.ts";
import { type Asking, type Erp, type ErpTreatment, retryAfterSeconds } from "./erp.ts";
import { addCounts, type Asked } from "./report.ts";
import { openWorld } from "./world.ts";

const usualSeconds = 0.7;
const treatments: ErpTreatment[] = [
  "take",
  "take",
  "take",
  "slow",
  "too-many",
  "fail",
  "hang-up",
  "lose-answer",
  "wrong-body",
  "expired",
  "conflict",
];

/**
 * An ERP that is slow, asks for patience (429), fails (500), breaks off before or after it did what
 * was asked, answers 200 with something else, ends tokens, refuses versions: every write-back takes
 * effect once, every fetched invoice arrives, and nobody comes back before Retry-After.
 */
export async function runErp({ seed, seconds = usualSeconds }: Asked) {
  const world = await openWorld({ built: await builtPortal(), seed });
  const { traffic, erp, random } = world;
  const counts: Record<string, number> = {};
  erp.state.treat = (kind) => {
    // A token is not refused for its version; the rest may happen to any call.
    const treatment = random.pick(treatments);
    const done = kind === "token" && treatment === "conflict" ? "take" : treatment;
    addCounts(counts, { [`${kind}: ${done}`]: 1 });
    return done;
  };
  try {
    const running = await world.open();
    for (let wave = 0; wave < 3; wave++) {
      await traffic.wave({ seconds, disputes: 8, atOnce: 4 });
      // The pauses after a first and second failure pass, so that the next try fails as well or not.
      world.faults.jump(90_000);
    }
    erp.state.treat = () => "take";
    const found = await ended(world, running);
    const early = earlyRetries(erp);
    if (early > 0) found.faults.push(`${early} write-backs came back before Retry-After`);
    return { counts: { ...counts, ...found.counts }, faults: found.faults };
  } finally {
    await world.close();
  }
}

/** How many write-backs that were told when to come back did so earlier. */
function earlyRetries({ asked }: Erp): number {
  const patience = retryAfterSeconds * 1000;
  const isEarly = (call: Asking, at: number) => {
    if (call.treatment !== "too-many" || call.webhookId === undefined) return false;
    const next = asked.slice(at + 1).find(({ webhookId }) => webhookId === call.webhookId);
    return next !== undefined && next.atMs < call.atMs + patience;
  };
  return asked.filter(isEarly).length;
}
