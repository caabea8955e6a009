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
  /** How many of `rows` are new; the others had been stored before. */
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
    while (waiting.length > 0) await write(waiting);
    writing = undefined;
  }

  /** Writes what stands first in a line; what joins it while others write goes along. */
  async function write(line: Waiting[]): Promise<void> {
    let batch: Waiting[] = [];
    try {
      const added = await context.queues.transaction().execute((trx) => {
        batch = line.splice(0, mostRows);
        return insertDeliveries(
          trx,
          batch.map(({ row }) => row),
        );
      });
      for (const { resolve } of batch) resolve();
      listener.onStored(batch.length, added);
    } catch (error) {
      if (batch.length === 0) batch = line.splice(0, mostRows);
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

function refuse(batch: Waiting[], cause?: unknown): void {
  const error = new RequestError(503, "This cannot be stored now; send it again", {
    headers: { "retry-after": "30" },
    cause,
  });
  for (const { reject } of batch) reject(error);
}
