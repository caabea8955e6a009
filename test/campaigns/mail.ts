import { setTimeout as pause } from "node:timers/promises";
import { builtPortal } from "./bundle.ts";
import { settleDown } from "./kill.ts";
import { consult } from "./oracle.ts";
import { addCounts, type Asked } from "./report.ts";
import type { MailTreatment } from "../support/scripted-relay.ts";
import { openWorld } from "./world.ts";

const usualSeconds = 1;
const passing: MailTreatment[] = ["take", "take", "take", "slow", "busy", "hang-up", "drop"];
const final: MailTreatment[] = ["no-recipient", "no-message"];
const refused = "acme-2@campaign.example";

/**
 * A mail relay that is slow, busy (4xx), breaks off before or after it took a message, and refuses
 * one address for good (5xx): each other mail arrives, again only where the relay broke off after it
 * took it; what is refused is parked with the relay's words, and finance is told.
 */
export async function runMail({ seed, seconds = usualSeconds }: Asked) {
  const world = await openWorld({ built: await builtPortal(), seed });
  const { traffic, relay, random, faults } = world;
  const counts: Record<string, number> = {};
  let isWell = false;
  relay.state.treat = (to) => {
    const treatment = to === refused ? random.pick(final) : isWell ? "take" : random.pick(passing);
    addCounts(counts, { [`treated: ${JSON.stringify(treatment)}`]: 1 });
    return treatment;
  };
  try {
    const running = await world.open();
    await traffic.wave({ seconds, disputes: 6, atOnce: 3 });
    await traffic.settle();
    await pause(seconds * 1000);
    // Later tries come within a day by the portal's pauses; some more of them fail.
    faults.jump(20_000);
    await pause(seconds * 1000);
    isWell = true;
    const rows = await settleDown(world);
    const code = await running.stop();
    const found = await consult(world, ({ kind, target }) => kind === "mail" && target === refused);
    const faultsFound = [
      ...(rows > 0 ? [`${rows} rows are still due`] : []),
      ...(code === 0 ? [] : [`it stopped with ${code}:\n${running.log()}`]),
      ...((found.counts["parked"] ?? 0) > 0 ? [] : ["nothing was parked for a person"]),
      ...found.faults,
    ];
    return { counts: { ...counts, ...found.counts }, faults: faultsFound };
  } finally {
    await world.close();
  }
}
