import Database from "better-sqlite3";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { builtPortal } from "./bundle.ts";
import { ended } from "./disk.ts";
import { poisonsFor, type Poison } from "./poisons.ts";
import { addCounts, type Asked } from "./report.ts";
import { standardHeaders, stripeHeaders, stripeSecret } from "./sign.ts";
import { openWorld, type World } from "./world.ts";

const Row = z.object({
  dedupe_key: z.string(),
  processed_at: z.string().nullable(),
  dead_at: z.string().nullable(),
  error: z.string().nullable(),
  attempts: z.int(),
});

/**
 * Authentic deliveries whose bodies are broken, huge, deep, or say what cannot be, in the midst of
 * good ones: each is refused at the door, or parked as dead with a reason at its first try, or turns
 * out to be harmless; the neighbours are recorded, and the portal goes on.
 */
export async function runPoison({ seed }: Asked) {
  const stripe = {
    id: "stripe",
    system: "stripe",
    settings: {},
    secrets: { webhookSecret: stripeSecret },
  };
  const world = await openWorld({ built: await builtPortal(), seed, connections: [stripe] });
  const counts: Record<string, number> = {};
  const faults: string[] = [];
  try {
    const running = await world.open();
    const stopping = new AbortController();
    const work = world.traffic.flow(stopping.signal, 4);
    for (const poison of poisonsFor(world.random)) {
      const status = await send(world, poison);
      addCounts(counts, { poisons: 1, [`answered ${status}`]: 1 });
      if (status === 500) faults.push(`${poison.name} was answered 500`);
      if (status === null && !poison.mayHangUp) faults.push(`${poison.name} was not answered`);
      if (running.hasEnded()) throw new Error(`${poison.name} ended it:\n${running.log()}`);
    }
    stopping.abort();
    await work;
    await pause(500);
    const found = await ended(world, running);
    faults.push(...found.faults);
    for (const row of poisonedRows(world)) {
      const fate = row.dead_at ? "parked as dead" : row.processed_at ? "harmless" : "retried";
      addCounts(counts, { [fate]: 1 });
      if (row.dead_at && !row.error) faults.push(`${row.dedupe_key} is dead without a reason`);
      if (row.dead_at && row.attempts > 1) {
        faults.push(`${row.dedupe_key} was tried ${row.attempts} times: ${row.error}`);
      }
      if (fate === "retried") faults.push(`${row.dedupe_key} waits: ${row.error}`);
    }
    return { counts: { ...counts, ...found.counts }, faults };
  } finally {
    await world.close();
  }
}

async function send({ traffic, faults }: World, { name, to, body, headers }: Poison) {
  const sentAt = faults.now();
  const id = `poison-${name.replaceAll(/\W+/g, "-")}`;
  const signed =
    to === "erp" ? standardHeaders({ id, sentAt, body }) : stripeHeaders({ sentAt, body });
  const answer = await traffic.send("POST", `/webhooks/${to}`, { ...signed, ...headers }, body);
  return answer?.status ?? null;
}

function poisonedRows({ folder }: World) {
  const database = new Database(join(folder, "portal.db"), { readonly: true });
  const rows = database
    .prepare(
      `select dedupe_key, processed_at, dead_at, error, attempts from deliveries
       where dedupe_key like '%poison-%'`,
    )
    .all();
  database.close();
  return z.array(Row).parse(rows);
}
