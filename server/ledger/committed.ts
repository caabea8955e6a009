import { EventEmitter } from "node:events";
import type { LedgerEvent } from "#domain/event.ts";

/** What listeners are told of an event: where to find it, and whether it concerns them. */
export type CommittedEvent = Pick<
  LedgerEvent,
  "sequence" | "type" | "chain" | "invoice" | "audience" | "recordedAt"
>;

/** Tells listeners of what was committed, never of what might still be rolled back. */
export class Committed {
  readonly #emitter = new EventEmitter().setMaxListeners(0);

  /** Events of one transaction in their order. */
  publish(events: readonly CommittedEvent[]): void {
    if (events.length > 0) this.#emitter.emit("events", events);
  }

  /** Gives a function that ends the subscription. */
  subscribe(listener: (events: readonly CommittedEvent[]) => void): () => void {
    this.#emitter.on("events", listener);
    return () => this.#emitter.off("events", listener);
  }
}
