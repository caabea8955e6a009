import { z } from "zod";
import type { Config } from "#server/config.ts";
import type { CommittedEvent } from "#server/ledger/committed.ts";

/** What the thread is given at its start. */
export interface ThreadData {
  config: Config;
  /** `WriteTurn.shared()` of the server. */
  turn: SharedArrayBuffer;
}

/** How processing a delivery ended; `retried` comes due again. */
export type Outcome = "recorded" | "retried" | "dead";

/** Counts deliveries by how processing them ended. */
export type CountOutcome = (outcome: Outcome, deliveries?: number) => void;

/** What the server tells the thread; `id` comes back with the answer. */
export type ToThread =
  | { kind: "wake" }
  | { kind: "reload" }
  | { kind: "idle" | "is-idle"; id: number }
  | { kind: "stop" };

/** What the thread tells the server. */
export type FromThread =
  | { kind: "committed"; events: CommittedEvent[] }
  | { kind: "count"; outcome: Outcome; deliveries: number }
  | { kind: "answer"; id: number; idle: boolean };

/** Both ends are of one build, so that reading trusts the shape. */
export const ThreadData = z.custom<ThreadData>((value) => typeof value === "object");
export const ToThread = z.custom<ToThread>((value) => typeof value === "object");
export const FromThread = z.custom<FromThread>((value) => typeof value === "object");
