import { bookPayment } from "./bookkeeping.ts";
import { dayMs, dayOf } from "./calendar.ts";
import { disputeSteps } from "./disputes.ts";
import { addComment, voidInvoice, writeOff } from "./erp/desk.ts";
import { beginning, unlessSettled } from "./lives.ts";
import type { Plan } from "./plans.ts";
import { promiseSteps } from "./promises.ts";
import type { Scene } from "./scenes.ts";
import type { Step } from "./stage.ts";

/** The steps of an invoice whose story is fixed relative to `nowMs`. */
export function sceneSteps(plan: Plan, scene: Scene, nowMs: number): Step[] {
  const { id } = plan.invoice;
  const [contact] = plan.customer.contacts;
  // Every scene at another time of day, but never later than now.
  const earlierMs = (Number(plan.invoice.number.slice(-3)) % 90) * 71_000;
  const ago = (days: number) => nowMs - days * dayMs - earlierMs;
  const steps = [...beginning(plan), ...bankSteps(id, scene, ago)];
  if (scene.dispute) {
    const openedMs = ago(scene.dispute.openedDaysAgo);
    steps.push(...disputeSteps({ erpId: id, contact, openedMs, story: scene.dispute }));
  }
  if (scene.promise) {
    const madeMs = ago(scene.promise.madeDaysAgo);
    const promisedOn = dayOf(ago(scene.promise.forDaysAgo));
    steps.push(...promiseSteps({ erpId: id, contact, madeMs, promisedOn }));
  }
  for (const { daysAgo, by, says } of scene.comments ?? []) {
    steps.push({
      atMs: ago(daysAgo),
      async play(stage) {
        if (by === "supplier") await stage.tell((erp) => addComment(erp, id, says));
        else {
          await stage.act(contact, id, ({ invoice: invoiceId }) => ({
            kind: "comment",
            invoiceId,
            text: says,
          }));
        }
      },
    });
  }
  if (scene.voidedDaysAgo !== undefined) {
    steps.push(unlessSettled(ago(scene.voidedDaysAgo), id, (erp) => voidInvoice(erp, id)));
  }
  if (scene.writtenOffDaysAgo !== undefined) {
    steps.push(unlessSettled(ago(scene.writtenOffDaysAgo), id, (erp) => writeOff(erp, id)));
  }
  return steps;
}

function bankSteps(id: string, scene: Scene, ago: (days: number) => number): Step[] {
  return (scene.pays ?? []).map(({ daysAgo, learnedDaysAgo, share, reference }) => {
    const paidAt = new Date(ago(daysAgo)).toISOString();
    const line = { share, method: "bank_transfer", reference, paidAt };
    // Booked a minute after it was learned.
    const atMs = ago(learnedDaysAgo) + 60_000;
    return { atMs, play: (stage) => stage.tell((erp) => bookPayment(erp, id, line)) };
  });
}
