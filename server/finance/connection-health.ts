import { lastReceived, listConnectionRows } from "#db/queries/connection-health.ts";
import { deliveriesByHour } from "#db/queries/delivery-log.ts";
import type { Context } from "#server/context.ts";
import { dayMs, plusMs, toInstant, type Instant } from "#server/domain/time.ts";

export type Health = "working" | "slow" | "silent" | "paused";

const minuteMs = 60_000;
const samples = 100;
/** A connection is never called silent before this, however busy it usually is. */
const shortestSilenceMs = 15 * minuteMs;

/** Every connection with how it is doing, and its deliveries in each of the last 24 hours, oldest first. */
export async function connectionsWithHealth({ db, clock }: Pick<Context, "db" | "clock">) {
  const now = toInstant(clock());
  const rows = await listConnectionRows(db);
  const counts = await deliveriesByHour(db, plusMs(now, -dayMs));
  return Promise.all(
    rows.map(async (row) => {
      const usualMs = usualInterval(await lastReceived(db, row.id, samples));
      const hours = hoursBefore(now).map(
        (hour) =>
          counts.find((one) => one.connection_id === row.id && one.hour === hour)?.count ?? 0,
      );
      return { ...row, usualMs, hours, health: healthOf(row, usualMs, now) };
    }),
  );
}

/** `silent` after three times the usual interval (design: silence), `slow` after one and a half. */
export function healthOf(
  connection: { paused_at: Instant | null; last_delivery_at: Instant | null },
  usualMs: number | null,
  now: Instant,
): Health {
  if (connection.paused_at !== null) return "paused";
  if (connection.last_delivery_at === null) return "silent";
  if (usualMs === null) return "working";
  const quietMs = Date.parse(now) - Date.parse(connection.last_delivery_at);
  if (quietMs > Math.max(3 * usualMs, shortestSilenceMs)) return "silent";
  return quietMs > Math.max(1.5 * usualMs, shortestSilenceMs / 2) ? "slow" : "working";
}

/** The interval that nine of ten pauses between deliveries keep, so that nights count; null below 5. */
function usualInterval(received: Instant[]): number | null {
  const pauses = received
    .slice(1)
    .map((earlier, index) => Date.parse(received[index] ?? earlier) - Date.parse(earlier))
    .sort((a, b) => a - b);
  if (pauses.length < 5) return null;
  return pauses[Math.floor(pauses.length * 0.9)] ?? null;
}

function hoursBefore(now: Instant): string[] {
  const hourMs = dayMs / 24;
  return Array.from({ length: 24 }, (_, index) => plusMs(now, -(23 - index) * hourMs).slice(0, 13));
}
