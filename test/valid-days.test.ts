import { expect, test } from "vitest";
import type { Change } from "#domain/change.ts";
import { withValidDays } from "#server/connectors/valid-days.ts";

const invoice = (externalId: string, rest: object = {}): Change => ({
  kind: "invoice",
  invoice: { externalId, version: 1, dueOn: "2026-12-01", ...rest },
});
const payment = (externalId: string, occurredAt: string): Change => ({
  ...{ kind: "payment", invoice: { externalId }, paymentId: "p", stage: "received" },
  ...{ amount: { amount: 100, currency: "EUR" }, occurredAt },
});

test.each(["2026-00-00", "2026-02-31", "2026-13-01", "0000-00-00", "soon"])(
  "an invoice due on %s is rejected with its payments, and its neighbours stay",
  (dueOn) => {
    const neighbour = invoice("2", { issuedOn: "2026-02-28" });
    const given = [invoice("1", { dueOn }), payment("1", "2026-11-20"), neighbour];
    expect(withValidDays({ changes: given })).toEqual({
      changes: [neighbour],
      rejected: [{ at: "Invoice 1", reason: `dueOn: "${dueOn}" is no day of the calendar` }],
    });
  },
);

test("days and instants that exist are left as they are", () => {
  const parsed = {
    changes: [
      invoice("1", { dueOn: "2028-02-29" }),
      payment("1", "2026-11-20T09:30:00.000Z"),
      payment("1", "2026-11-20"),
      { kind: "fetch", invoice: { externalId: "2" } } as const,
    ],
  };
  expect(withValidDays(parsed)).toBe(parsed);
});
