import { EventEmitter } from "node:events";
import type { LedgerEvent } from "#server/domain/event.ts";

/** Tells listeners of what was committed, never of what might still be rolled back. */
export class Committed {
  readonly #emitter = new EventEmitter().setMaxListeners(0);

  /** Events of one transaction in their order. */
  publish(events: LedgerEvent[]): void {
    if (events.length > 0) this.#emitter.emit("events", events);
  }

  /** Gives a function that ends the subscription. */
  subscribe(listener: (events: LedgerEvent[]) => void): () => void {
    this.#emitter.on("events", listener);
    return () => this.#emitter.off("events", listener);
  }
}
