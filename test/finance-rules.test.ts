import { expect, test } from "vitest";
import { mistakenFor } from "#server/supplier/brand-warning.ts";
import { healthOf, usualInterval } from "#server/connections/connection-health.ts";
import { responseClock } from "#server/disputes/response-clock.ts";
import { lookAtNode } from "#server/commands/doctor.ts";

const dispute = {
  state: "open",
  opened_at: "2026-11-16T09:00:00.000Z",
  first_response_due_at: "2026-11-19T09:00:00.000Z",
  responded_at: null,
} as const;

test("the clock of a first response runs, is late, pauses, and is met", () => {
  const noon = "2026-11-19T12:00:00.000Z";
  expect(responseClock(dispute, "2026-11-19T08:00:00.000Z").state).toBe("running");
  expect(responseClock(dispute, noon)).toEqual({ state: "late", leftMs: -3 * 3_600_000 });
  expect(responseClock({ ...dispute, state: "waiting_for_customer" }, noon).state).toBe("paused");
  expect(responseClock({ ...dispute, responded_at: "2026-11-17" }, noon).state).toBe("met");
  expect(responseClock({ ...dispute, responded_at: noon }, noon).state).toBe("late_answer");
  expect(responseClock({ ...dispute, state: "withdrawn" }, noon).state).toBe("ended");
});

test("the doctor says when Node itself gets no security fixes any more", () => {
  const at = (day: string) => ({ clock: () => new Date(`${day}T12:00:00Z`) });
  expect(lookAtNode(at("2026-04-30"), "v20.20.2").words).toBe("v20.20.2");
  expect(lookAtNode(at("2026-05-01"), "v20.20.2").words).toBe(
    "v20.20.2 has had no security fixes since 2026-04-30: take a newer line, such as 24",
  );
  expect(lookAtNode(at("2026-11-30"), "v24.4.0")).toEqual({ ok: true, words: "v24.4.0" });
});

test("a connection is silent after three times its usual interval", () => {
  const connection = { paused_at: null, last_delivery_at: "2026-11-19T09:00:00.000Z" };
  const hour = 3_600_000;
  expect(healthOf(connection, hour, "2026-11-19T10:00:00.000Z")).toBe("working");
  expect(healthOf(connection, hour, "2026-11-19T10:45:00.000Z")).toBe("slow");
  expect(healthOf(connection, hour, "2026-11-19T12:00:01.000Z")).toBe("silent");
  const paused = { ...connection, paused_at: "2026-11-19T09:00:00.000Z" };
  expect(healthOf(paused, hour, "2026-11-29T12:00:00.000Z")).toBe("paused");
});

test("what is usual is told from the last day, and from the last deliveries where it has few", () => {
  const now = "2026-11-20T12:00:00.000Z";
  const before = (hours: number) => new Date(Date.parse(now) - hours * 3_600_000).toISOString();
  const history = Array.from({ length: 60 }, (_, index) => before(25 + index * 19));
  const minutes = Array.from({ length: 10 }, (_, index) => before(index / 60));
  expect(usualInterval(history, now)).toBe(19 * 3_600_000);
  expect(usualInterval([...minutes, ...history], now)).toBe(60_000);
  expect(usualInterval(history.slice(0, 5), now)).toBeNull();
});

test.each([
  ["#1f4389", null],
  ["#a02c10", "late"],
  ["#8a6410", "question"],
  ["#555555", null],
])("the colour %s may be mistaken for %s", (color, meaning) => {
  expect(mistakenFor(color)).toBe(meaning);
});
