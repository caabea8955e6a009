import { parentPort, workerData } from "node:worker_threads";
import { WriteTurn } from "#db/write-turn.ts";
import { Connections } from "#server/connections/connections.ts";
import type { CommittedEvent } from "#server/ledger/committed.ts";
import { openMigrated } from "#server/open-context.ts";
import { startProcess } from "./process.ts";
import { type FromThread, ThreadData, ToThread } from "./process-messages.ts";

/**
 * The thread that takes deliveries to the ledger, beside the one that answers requests: with its own
 * connections to the database and to the systems, and one turn to write for both.
 */
const { config, turn } = ThreadData.parse(workerData);
const server = requireParent();
const { context, close } = openMigrated(config, {
  turn: new WriteTurn(turn),
  emptiesLog: false,
  // Ends the thread, and that ends the server.
  onSyncFailure: () => process.exit(1),
});
const connections = await new Connections(context).load();
const tell = (message: FromThread) => server.postMessage(message);
context.committed.subscribe((events) => tell({ kind: "committed", events: events.map(toldOf) }));
const deliveries = startProcess({ ...context, connections }, (outcome, count = 1) =>
  tell({ kind: "count", outcome, deliveries: count }),
);

/** Events come whole; what is in them need not be copied into the other thread. */
function toldOf(event: CommittedEvent): CommittedEvent {
  const { sequence, type, chain, invoice, audience, recordedAt } = event;
  return { sequence, type, chain, invoice, audience, recordedAt };
}

let handled = Promise.resolve();
server.on("message", (message: unknown) => {
  handled = handled
    .then(() => handle(ToThread.parse(message)))
    .catch((error: unknown) => context.log.error({ err: error }, "deliveries may have to wait"));
});

async function handle(message: ToThread): Promise<void> {
  switch (message.kind) {
    case "wake":
      return deliveries.wake();
    case "reload":
      return connections.reload();
    case "is-idle":
      return tell({ kind: "answer", id: message.id, idle: await deliveries.isIdle() });
    case "idle":
      await deliveries.idle();
      return tell({ kind: "answer", id: message.id, idle: true });
    case "stop":
      await deliveries.stop();
      await connections.close();
      await close();
      server.close();
  }
}

function requireParent() {
  if (parentPort === null) throw new Error("This runs in a thread of the server");
  // Waiting for a turn to write keeps no thread alive: one that has nothing else yet would end.
  parentPort.ref();
  return parentPort;
}
