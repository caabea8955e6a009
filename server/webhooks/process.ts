import { setImmediate as nextTurn, setTimeout as pause } from "node:timers/promises";
import { dueDeliveries } from "#db/queries/deliveries.ts";
import type { DeliveryRow } from "#db/schema.ts";
import { toInstant } from "#server/domain/time.ts";
import type { Metrics } from "#server/metrics.ts";
import type { Portal } from "#server/portal-context.ts";
import { createAsking } from "./ask-system.ts";
import { failDelivery } from "./fail-delivery.ts";
import { parseDelivery, type Parsed } from "./parse-delivery.ts";
import type { ParsedBodies } from "./parsed-bodies.ts";
import { hold, recordBatch } from "./record-batch.ts";

const mostRows = 128;
const lookEveryMs = 1_000;
/** Under load deliveries gather this long, so that one transaction records many of them. */
const gatherMs = 10;

/**
 * Takes stored deliveries to the ledger, many in one transaction. Everything it needs is in the
 * database, so that whoever starts next goes on where this one stopped. Between batches the event
 * loop turns, so that receiving is never kept waiting for longer than one batch.
 */
export function startProcess(portal: Portal, metrics: Metrics, bodies: ParsedBodies) {
  const asking = createAsking(portal, metrics);
  const parts = { portal, metrics, bodies, asking };
  let running: Promise<void> | undefined;
  let wanted = false;
  let stopped = false;

  async function run(): Promise<void> {
    while (wanted && !stopped) {
      wanted = false;
      while ((await processDue(parts)) === mostRows && !stopped) await nextTurn();
      if (wanted) await pause(gatherMs);
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
    /** Resolves when nothing that is due now is left. */
    async idle(): Promise<void> {
      do {
        wake();
        await running;
        await asking.idle();
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
    },
  };
}

interface Parts {
  portal: Portal;
  metrics: Metrics;
  bodies: ParsedBodies;
  asking: ReturnType<typeof createAsking>;
}

/** One batch of what is due. Gives how many that was. */
async function processDue(parts: Parts): Promise<number> {
  const { portal, metrics, asking } = parts;
  const now = toInstant(portal.clock());
  const rows = await dueDeliveries(portal.db, { now, limit: mostRows });
  if (rows.length === 0) return 0;
  const held = rows.filter(({ id }) => asking.holds(id)).map(({ id }) => id);
  if (held.length > 0) await hold(portal.writer, portal, held);
  const free = rows.filter(({ id }) => !asking.holds(id));
  const batch = await parseAll(parts, free);
  if (batch.length > 0) asking.add(await recordBatch(portal, metrics, batch));
  return rows.length;
}

/** What cannot be parsed is kept as failed and left out. */
async function parseAll(
  { portal, metrics, bodies }: Parts,
  rows: DeliveryRow[],
): Promise<Parsed[]> {
  const parsed: Parsed[] = [];
  for (const row of rows) {
    try {
      parsed.push(parseDelivery(portal.connections, bodies, row));
    } catch (error) {
      await failDelivery(portal, metrics, row, error);
    }
  }
  return parsed;
}
