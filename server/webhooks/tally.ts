import type { Insertable } from "kysely";
import { keepRefused } from "#db/queries/refused.ts";
import type { RefusedTable } from "#db/schema/deliveries.ts";
import type { Context } from "#server/context.ts";

type Sample = Insertable<RefusedTable>;

interface Counts {
  delivered: number;
  refused: number;
  pinged: number;
  lastDeliveryAt: string | null;
  samples: Sample[];
}

const everyMs = 1_000;
const samplesKept = 50;

export type Tally = ReturnType<typeof createTally>;

/** Counts what connections send and writes it once a second, not once a request. */
export function createTally(context: Context) {
  let counted = new Map<string, Counts>();

  function countsOf(connection: string): Counts {
    let counts = counted.get(connection);
    if (!counts) {
      counts = { delivered: 0, refused: 0, pinged: 0, lastDeliveryAt: null, samples: [] };
      counted.set(connection, counts);
    }
    return counts;
  }

  /** Writes what was counted; resolves when it is in the database. */
  async function flush(): Promise<void> {
    if (counted.size === 0) return;
    const writing = counted;
    counted = new Map();
    await context.queues.transaction().execute(async (trx) => {
      for (const [connection, counts] of writing) {
        await addCounts(trx, connection, counts);
        if (counts.samples.length > 0) await keepRefused(trx, connection, counts.samples);
      }
    });
  }

  const flushing = () => {
    flush().catch((error: unknown) => context.log.error({ err: error }, "counts were lost"));
  };
  const timer = setInterval(flushing, everyMs).unref();

  return {
    delivered(connection: string, at: string): void {
      const counts = countsOf(connection);
      counts.delivered++;
      counts.lastDeliveryAt = at;
    },
    pinged(connection: string): void {
      countsOf(connection).pinged++;
    },
    refused(sample: Sample): void {
      const counts = countsOf(sample.connection_id);
      counts.refused++;
      counts.samples.push(sample);
      if (counts.samples.length > samplesKept) counts.samples.shift();
    },
    flush,
    async stop(): Promise<void> {
      clearInterval(timer);
      await flush();
    },
  };
}

async function addCounts(trx: Context["queues"], id: string, counts: Counts): Promise<void> {
  await trx
    .updateTable("connections")
    .set((row) => ({
      delivered: row("delivered", "+", counts.delivered),
      refused: row("refused", "+", counts.refused),
      pinged: row("pinged", "+", counts.pinged),
      ...(counts.lastDeliveryAt && { last_delivery_at: counts.lastDeliveryAt }),
    }))
    .where("id", "=", id)
    .execute();
}
