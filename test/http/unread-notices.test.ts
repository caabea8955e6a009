import { expect, test } from "vitest";
import { stripeHeaders, stripeSecret } from "#test/campaigns/sign.ts";
import { startTestPortal } from "#test/support/start-portal.ts";

test("what only names a change is told to finance where the system cannot be read", async () => {
  const stripe = { id: "stripe", system: "stripe", secrets: { webhookSecret: stripeSecret } };
  await using portal = await startTestPortal({ connections: [stripe] });
  const sentAt = new Date();
  const created = Math.floor(sentAt.getTime() / 1000);
  const refund = {
    ...{ id: "re_1", object: "refund", amount: 20_000, currency: "eur", created },
    ...{ charge: "ch_1", payment_intent: "pi_1", status: "succeeded" },
  };
  const event = { id: "evt_1", object: "event", created, livemode: false, type: "refund.created" };
  const body = JSON.stringify({ ...event, data: { object: refund } });
  const answer = await fetch(`${portal.url}/webhooks/stripe`, {
    method: "POST",
    headers: { "content-type": "application/json", ...stripeHeaders({ sentAt, body }) },
    body,
  });
  expect(answer.status).toBe(200);
  await portal.settled();
  const kept = portal.portal.db.selectFrom("rejections").select(["element", "reason"]);
  expect(await kept.execute()).toEqual([
    {
      element: "re_1",
      reason: "The message does not say what changed, and the portal may not read from Stripe",
    },
  ]);
});
