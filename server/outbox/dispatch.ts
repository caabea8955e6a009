import { setImmediate as nextTurn, setTimeout as pause } from "node:timers/promises";
import { isDatabaseFault } from "#db/fault.ts";
import { isEventMail, leaseMail } from "#db/queries/mail-lease.ts";
import { dueLanes, leaseDue, type OutboxKind } from "#db/queries/outbox.ts";
import type { OutboxRow } from "#db/schema/outbox.ts";
import { type Instant, plusMs, toInstant } from "#domain/time.ts";
import { type MailContext, sendMail } from "./mail.ts";
import { type Result, resultOf, type RowResult } from "./result.ts";
import { settle, type Tried } from "./settle.ts";
import { type MailTransport, openMailTransport } from "./transport.ts";
import { writeBack, type WriteBackTarget } from "./write-back.ts";

/** What dispatching needs of the portal. */
export interface DispatchPortal extends MailContext {
  connections: { get(id: string): WriteBackTarget | undefined };
}

interface Lane {
  kind: OutboxKind;
  target?: string;
  limit: number;
  /** How many of them may be mail of events. */
  eventLimit?: number;
}

const mostMails = 4;
/** Mail of events leaves one place to sign-in links and the like: they never wait for a slow recipient. */
const mostEventMails = 3;
/** When the portal stops, a relay gets so long to end its answer. */
const patienceMs = 5_000;
const mostWriteBacks = 2;
const lookEveryMs = 1_000;
/** Under load a commit comes every few milliseconds: one look is for all of that time. */
const lookAfterMs = 25;
/** Longer than any attempt: a row whose worker died comes due again then. */
const leaseMs = 5 * 60_000;

/**
 * Sends what is due in the outbox: at most four mails at a time and two write-backs per connection.
 * What waits for a paused or removed connection, or for a relay, stays due until that is there. In a
 * rehearsal everything stays due.
 */
export function startDispatch(portal: DispatchPortal) {
  const transport = openMailTransport(portal, { mostConnections: mostMails });
  if (!transport) portal.log.warn("SMTP_URL is not set: mail waits");
  let running: Promise<unknown> = Promise.resolve();
  let next: Promise<number> | undefined;
  let stopped = portal.config.rehearsal;
  const ending = { onEnd: () => wake(), isStopped: () => stopped };
  const attempts = createAttempts(portal, transport, ending);

  /** Leases and starts what there is room for. Gives how many mails and write-backs. */
  async function lease(): Promise<number> {
    const now = toInstant(portal.clock());
    const lanes = await openLanes(portal, { now, transport, busy: attempts.busy });
    if (lanes.length === 0 || stopped) return 0;
    const units = await leaseLanes(portal, lanes, { now, except: attempts.outbox() });
    for (const rows of units) attempts.start(rows);
    return units.length;
  }

  /** One look at a time. Who asks during one gets the next: the one under way may have read before. */
  function look(): Promise<number> {
    next ??= running.then(nextTurn).then(() => {
      next = undefined;
      const rows = lease().catch((error: unknown) => {
        portal.log.error({ err: error }, "the outbox could not be read");
        return 0;
      });
      running = rows;
      return rows;
    });
    return next;
  }

  function wake(): void {
    if (!stopped) void look();
  }

  const fallAsleep = keepAwake(portal, wake);
  wake();

  return {
    wake,
    /** Resolves when nothing that is due now, and that could be sent, is left. */
    async idle(): Promise<void> {
      while ((await look()) > 0 || attempts.underWay() > 0) await attempts.ended();
    },
    /** Takes nothing new and waits for what is under way, for mail no longer than `patienceMs`. */
    async stop(): Promise<void> {
      stopped = true;
      fallAsleep();
      await (next ?? running);
      const cut = setTimeout(() => transport?.cut(), patienceMs);
      await attempts.ended();
      clearTimeout(cut);
      transport?.close();
    },
  };
}

/** Wakes every second and soon after a commit. Gives what ends that. */
function keepAwake({ committed }: DispatchPortal, wake: () => void): () => void {
  const timer = setInterval(wake, lookEveryMs).unref();
  let soon: NodeJS.Timeout | undefined;
  const unsubscribe = committed.subscribe(() => {
    soon ??= setTimeout(() => {
      soon = undefined;
      wake();
    }, lookAfterMs);
  });
  return () => {
    clearInterval(timer);
    clearTimeout(soon);
    unsubscribe();
  };
}

/**
 * Gives what goes out together: the rows of one mail, or one write-back. `except`: rows whose attempt is
 * under way here, which a jump of the clock may have made due again.
 */
function leaseLanes(
  { queues, config }: DispatchPortal,
  lanes: Lane[],
  { now, except }: { now: Instant; except: string[] },
): Promise<OutboxRow[][]> {
  const lease = { now, until: plusMs(now, leaseMs), except, pauseMs: config.mailPauseMs };
  return queues.transaction().execute(async (trx) => {
    const leased: OutboxRow[][] = [];
    for (const lane of lanes) {
      if (lane.kind === "mail") leased.push(...(await leaseMail(trx, { ...lane, ...lease })));
      else leased.push(...(await leaseDue(trx, { ...lane, ...lease })).map((row) => [row]));
    }
    return leased;
  });
}

/** The attempts under way, by lane: "event mail", other "mail" or a connection's id. */
function createAttempts(
  portal: DispatchPortal,
  transport: MailTransport | null,
  { onEnd, isStopped }: { onEnd: () => void; isStopped: () => boolean },
) {
  const working = new Map<Promise<void>, { outbox: string[]; lane: string }>();
  return {
    start(rows: OutboxRow[]): void {
      const outbox = rows.map(({ id }) => id);
      const work = attempt(portal, transport, rows)
        .then((tried) => writeDown(portal, tried, isStopped))
        .catch((error: unknown) => portal.log.error({ err: error, outbox }, "an attempt was lost"))
        .finally(() => {
          working.delete(work);
          onEnd();
        });
      working.set(work, { outbox, lane: laneOf(rows) });
    },
    busy: (lane: string): number =>
      [...working.values()].filter((each) => each.lane === lane).length,
    outbox: (): string[] => [...working.values()].flatMap(({ outbox }) => outbox),
    underWay: (): number => working.size,
    async ended(): Promise<void> {
      await Promise.all(working.keys());
    },
  };
}

/** Rows of one attempt are of one lane. */
function laneOf([row]: OutboxRow[]): string {
  if (!row || row.kind !== "mail") return row?.target ?? "mail";
  return isEventMail(row.what) ? eventMail : "mail";
}

const eventMail = "event mail";

/** The lanes that have something due and room for it. */
async function openLanes(
  { db, connections }: DispatchPortal,
  {
    now,
    transport,
    busy,
  }: { now: string; transport: MailTransport | null; busy: (lane: string) => number },
): Promise<Lane[]> {
  const due = await dueLanes(db, now);
  const lanes: Lane[] = [];
  if (due.mail && transport) {
    const events = busy(eventMail);
    const limit = mostMails - busy("mail") - events;
    lanes.push({ kind: "mail", limit, eventLimit: Math.min(limit, mostEventMails - events) });
  }
  for (const target of due.connections) {
    const connection = connections.get(target);
    // A system that asks for work is handed its own.
    if (!connection || connection.pausedAt !== null || connection.connector.serve) continue;
    lanes.push({ kind: "writeback", target, limit: mostWriteBacks - busy(target) });
  }
  return lanes.filter(({ limit }) => limit > 0);
}

/** One attempt and what came of it; the network is never waited for inside a transaction. */
async function attempt(
  portal: DispatchPortal,
  transport: MailTransport | null,
  rows: OutboxRow[],
): Promise<Tried[]> {
  const began = performance.now();
  const results = await resultsFrom(portal, transport, rows);
  const durationMs = performance.now() - began;
  return results.map((each) => ({ ...each, durationMs }));
}

/** Tried until the disk has room or is there again: what nobody wrote down would be sent once more. */
async function writeDown(portal: DispatchPortal, tried: Tried[], isStopped: () => boolean) {
  for (;;) {
    try {
      return await settle(portal, tried);
    } catch (error) {
      if (!isDatabaseFault(error) || isStopped()) throw error;
      portal.log.warn(
        { err: error, outbox: tried.map(({ row }) => row.id) },
        "an attempt cannot be written down yet",
      );
      await pause(lookEveryMs);
    }
  }
}

async function resultsFrom(
  portal: DispatchPortal,
  transport: MailTransport | null,
  rows: OutboxRow[],
): Promise<RowResult[]> {
  try {
    const [row] = rows;
    if (!row) throw new Error("Nothing was leased");
    if (row.kind === "mail") {
      if (!transport) throw new Error("A mail was leased without a relay");
      return await sendMail(portal, transport, rows);
    }
    const target = portal.connections.get(row.target);
    if (!target) throw new Error(`${row.target} was leased without its connection`);
    return [{ row, result: await writeBack(portal.db, target, row) }];
  } catch (error) {
    const result = resultOf(error) ?? faultOf(portal, error, rows);
    return rows.map((row) => ({ row, result }));
  }
}

function faultOf({ log }: DispatchPortal, error: unknown, rows: OutboxRow[]): Result {
  const outbox = rows.map(({ id }) => id);
  log.error({ err: error, outbox }, "an outbox row met a fault of ours");
  return { outcome: "unknown", answer: "A fault of the portal; it was written down" };
}
