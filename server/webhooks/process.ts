import { setImmediate as nextTurn } from "node:timers/promises";
import { isPostgres } from "#db/postgres.ts";
import { type DueDelivery, dueDeliveries } from "#db/queries/deliveries.ts";
import type { Connections } from "#server/connections/connections.ts";
import type { Context } from "#server/context.ts";
import { toInstant } from "#domain/time.ts";
import { createAsking } from "./ask-system.ts";
import { failDelivery } from "./fail-delivery.ts";
import { parseDelivery, type ParsedDelivery } from "./parse-delivery.ts";
import type { CountOutcome } from "./process-messages.ts";
import { hold, recordBatch, type RecordedBatch } from "./record-batch.ts";

/**
 * Deliveries in one transaction. On PostgreSQL each takes longer: whoever waits to write would wait for
 * all of them, and a portal that is killed again and again would never come to the end of one.
 */
const mostRows = { sqlite: 128, postgres: 32 };
const lookEveryMs = 1_000;

/** What processing needs of the portal. */
export interface ProcessPortal extends Context {
  connections: Connections;
}

export interface Processing {
  /** A delivery is due. */
  wake(): void;
  /** Resolves when nothing that is due now is left. */
  idle(): Promise<void>;
  isIdle(): Promise<boolean>;
  /** Ends what is under way and takes nothing new. */
  stop(): Promise<void>;
}

/**
 * Takes stored deliveries to the ledger, many in one transaction. Everything it needs is in the
 * database, so that whoever starts next goes on where this one stopped. Between batches the event
 * loop turns and whoever waits to write comes first, so that a batch gathers under load by itself.
 */
export function startProcess(portal: ProcessPortal, count: CountOutcome): Processing {
  const [asking, telling] = [createAsking(portal, count), createTelling(portal, count)];
  const limit = mostRows[isPostgres(portal.db) ? "postgres" : "sqlite"];
  const parts = { portal, count, asking, telling, limit };
  let running: Promise<void> | undefined;
  let wanted = false;
  let stopped = false;

  async function run(): Promise<void> {
    while (wanted && !stopped) {
      wanted = false;
      while ((await processDue(parts)) === limit && !stopped) await nextTurn();
      if (wanted) await nextTurn();
    }
  }

  function wake(): void {
    wanted = true;
    running ??= nextTurn()
      .then(run)
      .catch((error: unknown) => portal.log.error({ err: error }, "processing stopped for now"))
      .finally(() => {
        running = undefined;
        if (wanted && !stopped) wake();
      });
  }

  const timer = setInterval(wake, lookEveryMs).unref();
  wake();

  return {
    wake,
    async idle(): Promise<void> {
      do {
        wake();
        await running;
        await Promise.all([asking.idle(), telling.idle()]);
      } while (!(await this.isIdle()));
    },
    async isIdle(): Promise<boolean> {
      const now = toInstant(portal.clock());
      return (
        running === undefined && (await dueDeliveries(portal.db, { now, limit: 1 })).length === 0
      );
    },
    async stop(): Promise<void> {
      stopped = true;
      clearInterval(timer);
      await running;
      await asking.stop();
      await telling.idle();
    },
  };
}

interface Parts {
  portal: ProcessPortal;
  count: CountOutcome;
  asking: ReturnType<typeof createAsking>;
  telling: ReturnType<typeof createTelling>;
  limit: number;
}

/**
 * Tells of batches in their order, each as soon as the disk has it. The next one is recorded meanwhile:
 * waiting for the disk would take a tenth of the time.
 */
function createTelling({ synced, committed, log }: ProcessPortal, count: CountOutcome) {
  let last = Promise.resolve();
  return {
    tell({ events, done }: RecordedBatch): void {
      last = Promise.all([synced(), last]).then(
        () => {
          committed.publish(events);
          count("recorded", done);
        },
        (error: unknown) => log.fatal({ err: error }, "nobody is told of what may be lost"),
      );
    },
    idle: () => last,
  };
}

/** One batch of what is due. Gives how many that was. */
async function processDue(parts: Parts): Promise<number> {
  const { portal, count, asking, telling, limit } = parts;
  const now = toInstant(portal.clock());
  const rows = await dueDeliveries(portal.db, { now, limit });
  if (rows.length === 0) return 0;
  const held = rows.filter(({ id }) => asking.holds(id)).map(({ id }) => id);
  if (held.length > 0) await hold(portal.writer, portal, held);
  const free = rows.filter(({ id }) => !asking.holds(id));
  const batch = await parseAll(parts, free);
  if (batch.length > 0) {
    const recorded = await recordBatch(portal, count, batch);
    telling.tell(recorded);
    asking.add(recorded.unanswered);
  }
  return rows.length;
}

/** What cannot be parsed is kept as failed and left out. */
async function parseAll({ portal, count }: Parts, rows: DueDelivery[]): Promise<ParsedDelivery[]> {
  const parsed: ParsedDelivery[] = [];
  for (const row of rows) {
    try {
      parsed.push(parseDelivery(portal.connections, row));
    } catch (error) {
      await failDelivery(portal, count, row, error);
    }
  }
  return parsed;
}
