import {
  deadByConnection,
  findConnectionTimes,
  lastReceived,
  listConnectionRows,
  newestDelivery,
} from "#db/queries/connection-health.ts";
import { openRejections } from "#db/queries/rejections.ts";
import { deliveriesByHour } from "#db/queries/delivery-log.ts";
import type { Context } from "#server/context.ts";
import { dayMs, plusMs, toInstant, type Instant } from "#domain/time.ts";

/** `waiting` for its first delivery; `failing`: what it sent last could not be used. */
export type Health = "working" | "slow" | "silent" | "paused" | "lost" | "waiting" | "failing";

const minuteMs = 60_000;
const samples = 100;
/** A connection is never called silent before this, however busy it usually is. */
const shortestSilenceMs = 15 * minuteMs;
/** What is usual is told from the last day; from the last deliveries where a day has few. */
const fewest = 6;
const lastFew = 20;

type Asking = Pick<Context, "db" | "clock">;

/**
 * Every connection with how it is doing, the interval that is usual for it, and how many elements of
 * what it told could not be used and wait for a person, and how many of its deliveries are dead.
 */
export async function healthOfConnections({ db, clock }: Asking) {
  const now = toInstant(clock());
  const [rows, rejected, dead] = await Promise.all([
    listConnectionRows(db),
    openRejections(db),
    deadByConnection(db),
  ]);
  return Promise.all(
    rows.map(async (row) => {
      const usualMs = usualInterval(await lastReceived(db, row.id, samples), now);
      const isLost = row.app !== null && (row.grant_id === null || row.broken_at !== null);
      const heard = isLost && row.paused_at === null ? "lost" : healthOf(row, usualMs, now);
      const own = dead.get(row.id) ?? { count: 0, newest: 0 };
      const isFailing = own.count > 0 && own.newest === (await newestDelivery(db, row.id));
      const health =
        isFailing && ["working", "slow", "waiting"].includes(heard) ? "failing" : heard;
      return { ...row, usualMs, health, rejected: rejected.get(row.id) ?? 0, dead: own.count };
    }),
  );
}

/** Whether a connection has been silent for longer than usual, so that what it told may be old. */
export async function isSilent({ db, clock }: Asking, id: string): Promise<boolean> {
  const now = toInstant(clock());
  const row = await findConnectionTimes(db, id);
  if (!row || row.last_delivery_at === null) return false;
  return healthOf(row, usualInterval(await lastReceived(db, id, samples), now), now) === "silent";
}

/** The same with its deliveries in each of the last 24 hours, oldest first. */
export async function connectionsWithHealth(context: Asking) {
  const now = toInstant(context.clock());
  const counts = await deliveriesByHour(context.db, plusMs(now, -dayMs));
  const connections = await healthOfConnections(context);
  return connections.map((row) => {
    const own = counts.filter((one) => one.connection_id === row.id);
    const hours = hoursBefore(now).map((hour) => own.find((one) => one.hour === hour)?.count ?? 0);
    return { ...row, hours };
  });
}

/**
 * `silent` after three times the usual interval (design: silence), `slow` after one and a half. Who was
 * never heard cannot have fallen silent.
 */
export function healthOf(
  connection: {
    paused_at: Instant | null;
    last_delivery_at: Instant | null;
    /** When it was last read to the end: what it told then is as good as a delivery. */
    polled_at?: Instant | null;
  },
  usualMs: number | null,
  now: Instant,
): Health {
  if (connection.paused_at !== null) return "paused";
  const { last_delivery_at: delivered, polled_at: polled = null } = connection;
  const heard = delivered === null || (polled !== null && polled > delivered) ? polled : delivered;
  if (heard === null) return "waiting";
  if (usualMs === null) return "working";
  const quietMs = Date.parse(now) - Date.parse(heard);
  if (quietMs > Math.max(3 * usualMs, shortestSilenceMs)) return "silent";
  return quietMs > Math.max(1.5 * usualMs, shortestSilenceMs / 2) ? "slow" : "working";
}

/** The interval, ms, that nine of ten pauses between deliveries keep; null where too few are known. */
export function usualInterval(received: Instant[], now: Instant): number | null {
  const today = received.filter((at) => at >= plusMs(now, -dayMs));
  const known = today.length >= fewest ? today : received.slice(0, lastFew);
  if (known.length < fewest) return null;
  const pauses = known
    .slice(1)
    .map((earlier, index) => Date.parse(known[index] ?? earlier) - Date.parse(earlier))
    .sort((a, b) => a - b);
  return pauses[Math.floor(pauses.length * 0.9)] ?? null;
}

function hoursBefore(now: Instant): string[] {
  const hourMs = dayMs / 24;
  return Array.from({ length: 24 }, (_, index) => plusMs(now, -(23 - index) * hourMs).slice(0, 13));
}
