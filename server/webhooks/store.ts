import { setImmediate as nextTurn } from "node:timers/promises";
import { isDatabaseFault } from "#db/fault.ts";
import { insertDeliveries, type NewDelivery } from "#db/queries/deliveries.ts";
import type { Context } from "#server/context.ts";
import { RequestError } from "#server/errors.ts";

const mostRows = 256;

export interface Store {
  /** Resolves once the row is durable, or was before. Throws RequestError 503 when it cannot be. */
  store(row: NewDelivery): Promise<void>;
  /** Writes what waits; nothing may be stored afterwards. */
  stop(): Promise<void>;
}

interface StoreListener {
  /**
   * Called once the rows can be processed, which need not wait for the disk. How many of `rows` are new;
   * the others had been stored before.
   */
  onStored(rows: number, added: number): void;
}

interface Waiting {
  row: NewDelivery;
  resolve(): void;
  reject(error: unknown): void;
}

/** Makes deliveries durable together: one fsync for all that arrived in one turn of the event loop. */
export function createStore(context: Context, listener: StoreListener): Store {
  const waiting: Waiting[] = [];
  let writing: Promise<void> | undefined;

  async function writeAll(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting.splice(0, mostRows);
      await write(batch);
    }
    writing = undefined;
  }

  async function write(batch: Waiting[]): Promise<void> {
    try {
      const rows = batch.map(({ row }) => row);
      const added = await insertAll(context, rows);
      listener.onStored(rows.length, added);
      await context.synced();
      for (const { resolve } of batch) resolve();
    } catch (error) {
      if (!isDatabaseFault(error) && batch.length > 1) {
        for (const each of batch) await write([each]);
        return;
      }
      context.log.error({ err: error, rows: batch.length }, "deliveries could not be stored");
      refuse(batch, error);
    }
  }

  return {
    store: (row) =>
      new Promise((resolve, reject) => {
        waiting.push({ row, resolve, reject });
        writing ??= nextTurn().then(writeAll);
      }),
    async stop() {
      await writing;
    },
  };
}

function insertAll({ arrivals }: Context, rows: NewDelivery[]): Promise<number> {
  return arrivals.transaction().execute((trx) => insertDeliveries(trx, rows));
}

function refuse(batch: Waiting[], cause?: unknown): void {
  const error = new RequestError(503, "This cannot be stored now; send it again", {
    headers: { "retry-after": "30" },
    cause,
  });
  for (const { reject } of batch) reject(error);
}
