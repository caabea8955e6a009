import { bookPayment, draft, issue } from "./bookkeeping.ts";
import { dayMs, dayOf, hourMs, inOfficeHours, morningAfter } from "./calendar.ts";
import { closedStories } from "./dispute-stories.ts";
import { disputeSteps } from "./disputes.ts";
import { requireInvoice } from "./erp/change.ts";
import {
  addComment,
  changeDueDate,
  failPayment,
  issueCreditNote,
  voidInvoice,
} from "./erp/desk.ts";
import { writeOff } from "./erp/desk.ts";
import { balanceOf, isHeld, isOpen } from "./erp/invoice.ts";
import type { Plan } from "./plans.ts";
import { dayAfter, promiseSteps } from "./promises.ts";
import type { Random } from "./random.ts";
import type { Stage, Step } from "./stage.ts";

const questions = [
  ["Could you send the packing list of this lot?", "It went to your goods-in by mail just now."],
  ["Which bath was this, for our records?", "Bath 3, run of the night shift, report 20 µm +2."],
  ["Please put our order number on it next time.", "Noted on your customer sheet, thank you."],
] as const;
const creditReasons = ["Two racks re-run", "Freight billed twice", "Pallets returned"];

/** Issue and the portal's look at it on the morning after the due date: every invoice has these. */
export function beginning({ invoice, issuedMs }: Plan): Step[] {
  return [
    { atMs: issuedMs, play: (stage) => stage.tell((erp) => issue(erp, invoice)) },
    { atMs: morningAfter(invoice.dueOn), play: (stage) => stage.passDueDate(invoice.id) },
  ];
}

/** A draft that waits for its last line; nobody outside knows of it. */
export function draftSteps({ invoice, issuedMs }: Plan): Step[] {
  return [{ atMs: issuedMs, play: async (stage) => draft(stage.erp, invoice) }];
}

/** What usually becomes of an invoice: mostly paid, sometimes late, in parts, corrected or disputed. */
export function ordinaryLife(random: Random, plan: Plan): Step[] {
  const steps = beginning(plan);
  const { invoice, issuedMs } = plan;
  if (random.chance(0.02)) {
    const atMs = inOfficeHours(random, issuedMs + random.between(1, 3) * dayMs);
    steps.push(unlessSettled(atMs, invoice.id, (erp) => voidInvoice(erp, invoice.id)));
    return steps;
  }
  steps.push(...incidents(random, plan), ...payments(random, plan));
  return steps;
}

function incidents(random: Random, { customer, invoice, issuedMs, dueMs }: Plan): Step[] {
  const { id } = invoice;
  const [contact] = customer.contacts;
  const soon = inOfficeHours(random, issuedMs + random.between(2, 6) * dayMs);
  const dice = random.next();
  if (dice < 0.04) {
    const story = random.deal(closedStories);
    return disputeSteps({ erpId: id, contact, openedMs: soon, story });
  }
  if (dice < 0.1) {
    const reason = random.pick(creditReasons);
    const amount = Math.max(1, Math.round((invoice.total * random.between(2, 9)) / 100));
    return [unlessSettled(soon, id, (erp) => issueCreditNote(erp, id, { amount, reason }))];
  }
  if (dice < 0.14) {
    const [asks, answers] = random.pick(questions);
    const ask = (stage: Stage) =>
      stage.act(contact, id, ({ invoice: invoiceId }) => ({
        kind: "comment",
        invoiceId,
        text: asks,
      }));
    const answer = (stage: Stage) => stage.tell((erp) => addComment(erp, id, answers));
    return [
      { atMs: soon, play: async (stage) => void (await ask(stage)) },
      { atMs: soon + random.between(2, 20) * hourMs, play: answer },
    ];
  }
  if (dice < 0.17) {
    const atMs = inOfficeHours(random, dueMs - 4 * dayMs);
    const dueOn = dayOf(dueMs + 14 * dayMs);
    return [
      unlessSettled(atMs, id, (erp) => changeDueDate(erp, id, dueOn)),
      { atMs: morningAfter(dueOn), play: (stage) => stage.passDueDate(id) },
    ];
  }
  return [];
}

function payments(random: Random, plan: Plan): Step[] {
  const { customer, invoice, issuedMs, dueMs } = plan;
  const { id } = invoice;
  if (random.chance(0.008)) {
    const atMs = inOfficeHours(random, dueMs + 120 * dayMs);
    return [unlessSettled(atMs, id, (erp) => writeOff(erp, id))];
  }
  const slow = random.chance(0.05) ? random.between(30, 90) : 0;
  const delay = random.between(customer.habit.earliest, customer.habit.latest) + slow;
  const paidMs = Math.max(
    inOfficeHours(random, dueMs + delay * dayMs),
    issuedMs + random.between(20, 70) * hourMs,
  );
  const steps: Step[] = [];
  if (delay > 12 && random.chance(0.5)) {
    const madeMs = inOfficeHours(random, dueMs + random.between(3, 9) * dayMs);
    const promisedOn = dayAfter(madeMs, random.between(5, 14));
    steps.push(...promiseSteps({ erpId: id, contact: customer.contacts[0], madeMs, promisedOn }));
  }
  if (random.chance(0.03)) {
    const failing = { method: "direct_debit" as const, reference: null };
    steps.push(
      unlessSettled(paidMs - 2 * dayMs, id, (erp) => {
        const amount = balanceOf(requireInvoice(erp.store, id));
        failPayment(erp, id, { ...failing, amount });
      }),
    );
  }
  if (random.chance(0.1))
    steps.push(paid(random, plan, { paidMs: paidMs - 9 * dayMs, share: 0.5 }));
  steps.push(paid(random, plan, { paidMs, share: 1 }));
  return steps;
}

/** Money arrives; in one case of five the ERP learns it days later, from the bank's file. */
function paid(
  random: Random,
  { invoice, issuedMs }: Plan,
  { paidMs, share }: { paidMs: number; share: number },
): Step {
  const atMs = Math.max(paidMs, issuedMs + 4 * hourMs);
  const lagMs = random.chance(0.2) ? random.between(1, 3) * dayMs : random.between(2, 40) * 60_000;
  const reference = random.chance(0.75)
    ? `${invoice.number} ${invoice.poNumber ?? ""}`.trim()
    : null;
  const method = random.pick(["bank_transfer", "bank_transfer", "bank_transfer", "direct_debit"]);
  const line = { share, method, reference, paidAt: new Date(atMs).toISOString() };
  return {
    atMs: atMs + lagMs,
    play: (stage) => stage.tell((erp) => bookPayment(erp, invoice.id, line)),
  };
}

/** Something the ERP does unless the invoice is paid, held or disputed by then. */
export function unlessSettled(atMs: number, id: string, change: (erp: Stage["erp"]) => void): Step {
  return {
    atMs,
    async play(stage) {
      const invoice = requireInvoice(stage.erp.store, id);
      if (balanceOf(invoice) <= 0 || isHeld(invoice) || invoice.disputes.some(isOpen)) return;
      await stage.tell(change);
    },
  };
}
