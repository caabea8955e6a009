import type { Socket } from "socket.io";
import { consoleState } from "#db/queries/console-state.ts";
import type { Context } from "#server/context.ts";
import { toInstant } from "#domain/time.ts";

/** How soon an open page of the console is told that something changed. */
const lookMs = 1000;

/**
 * What the console's pages show, as a short text that differs once they would show something else. The
 * minute is a part of it: deadlines pass and systems fall silent while nothing is written.
 */
export async function stateOfConsole({
  db,
  clock,
}: Pick<Context, "db" | "clock">): Promise<string> {
  return `${toInstant(clock()).slice(0, 16)} ${await consoleState(db)}`;
}

/** The pages of the console that are open. */
interface Room {
  size(): number;
  tell(state: string): void;
}

/**
 * Tells the open pages of the console whenever their state differs. Not all that they show is in the
 * ledger, and another process may have changed it, so the database is asked; never while no page is open.
 */
export function watchConsole(portal: Pick<Context, "db" | "clock" | "log">, room: Room) {
  let told = "";
  let looking: Promise<void> | null = null;
  const look = async () => {
    const state = await stateOfConsole(portal);
    if (state === told) return;
    told = state;
    room.tell(state);
  };
  const failed = (error: unknown) => portal.log.error({ err: error }, "the console was not told");
  const timer = setInterval(() => {
    if (room.size() === 0) return;
    looking ??= look()
      .catch(failed)
      .finally(() => {
        looking = null;
      });
  }, lookMs);
  return {
    /** A page that connects may have missed the last word. */
    welcome(socket: Pick<Socket, "emit">): void {
      stateOfConsole(portal).then((state) => socket.emit("state", state), failed);
    },
    stop(): void {
      clearInterval(timer);
    },
    idle: async () => looking,
  };
}
