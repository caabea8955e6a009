import { hourMs, dayMs } from "./calendar.ts";
import { followDispute, openCase } from "./bookkeeping.ts";
import { issueCreditNote } from "./erp/desk.ts";
import { requireInvoice } from "./erp/change.ts";
import { balanceOf, isHeld } from "./erp/invoice.ts";
import type { DisputeStory, Turn } from "./dispute-stories.ts";
import type { Stage, Step } from "./stage.ts";
import { type DemoPerson, jeroen, marit } from "./supplier.ts";

interface Told {
  erpId: string;
  contact: DemoPerson;
  openedMs: number;
  story: DisputeStory;
}

/** What is known once it is open. */
interface Opened {
  id: string;
  amount: number;
  sequence: number;
}

/** A dispute from its opening to its last turn, in the portal and in the ERP. */
export function disputeSteps({ erpId, contact, openedMs, story }: Told): Step[] {
  let opened: Opened | null = null;
  const steps: Step[] = [
    {
      atMs: openedMs,
      async play(stage) {
        opened = await open(stage, { erpId, contact, story });
      },
    },
    {
      atMs: openedMs + 2_400,
      async play(stage) {
        if (opened) await confirm(stage, erpId, opened, contact);
      },
    },
  ];
  for (const turn of story.turns) {
    // Not to the second, as no two people are.
    const atMs = openedMs + turn.after * dayMs + ((steps.length * 977) % 3_000) * 1000;
    const by = turn.by === "customer" ? contact : jeroen;
    steps.push({
      atMs,
      async play(stage) {
        if (opened) await take(stage, { erpId, turn, by, opened });
      },
    });
    const { credits = 0 } = turn;
    if (credits === 0) continue;
    steps.push({
      atMs: atMs + 2 * hourMs,
      async play(stage) {
        if (opened) await credit(stage, erpId, { opened, credits, story });
      },
    });
  }
  return steps;
}

async function open(
  stage: Stage,
  { erpId, contact, story }: Pick<Told, "erpId" | "contact" | "story">,
): Promise<Opened | null> {
  const invoice = requireInvoice(stage.erp.store, erpId);
  const due = balanceOf(invoice);
  if (due <= 0 || isHeld(invoice)) return null;
  const { reason, message, share } = story;
  const largest = invoice.lines.toSorted((one, other) => other.total - one.total)[0];
  const line = story.line === undefined ? largest : invoice.lines[story.line - 1];
  const amount = share === null || !line ? null : Math.min(due, Math.round(line.total * share));
  const correct = story.correct === undefined ? {} : { correctValue: story.correct };
  const lines = amount === null || !line ? [] : [{ lineId: line.id, amount, ...correct }];
  const about = { reason, amount, lines, message, customerReference: invoice.poNumber ?? "" };
  const events = await stage.act(contact, erpId, ({ invoice: invoiceId }) => ({
    kind: "open_dispute",
    invoiceId,
    ...about,
  }));
  const event = events.find(({ type }) => type === "dispute.opened");
  if (event?.type !== "dispute.opened") throw new Error(`${erpId}: the dispute was not recorded`);
  const { dispute } = event.data;
  return { id: dispute.id, amount: dispute.amount, sequence: event.sequence };
}

/** The ERP takes it as a case, and the portal reads back that it did. */
async function confirm(
  stage: Stage,
  erpId: string,
  { id, amount, sequence }: Opened,
  contact: DemoPerson,
): Promise<void> {
  const told = { id, amount, reason: "other", message: "", openedBy: contact.name };
  const reference = openCase(stage.erp, erpId, told);
  await stage.find(erpId, "write-back", (place) => ({
    ...place,
    type: "writeback.confirmed",
    audience: "customer",
    data: {
      outboxId: `out_history_${sequence}`,
      connection: "erp",
      what: "dispute.opened",
      about: sequence,
      disputeId: id,
      reference,
      readBack: true,
      answer: `200 {"reference":"${reference}"}`,
    },
  }));
}

interface Taking {
  erpId: string;
  turn: Turn;
  by: DemoPerson;
  opened: Opened;
}

async function take(stage: Stage, { erpId, turn, by, opened }: Taking): Promise<void> {
  const { says = "", notes, to, credits = 0 } = turn;
  const disputeId = opened.id;
  if (notes) {
    await stage.act(marit, erpId, ({ invoice: invoiceId }) => ({
      kind: "note",
      invoiceId,
      disputeId,
      text: notes,
    }));
  } else if (to) {
    const creditedAmount = Math.round(opened.amount * credits);
    const sum = to === "resolved" ? { creditedAmount } : {};
    await stage.act(by, erpId, () => ({
      kind: "move_dispute",
      disputeId,
      state: to,
      message: says,
      ...sum,
    }));
    const credited = to === "resolved" ? creditedAmount : null;
    const text = `${to.replaceAll("_", " ")} by ${by.name}: ${says}`;
    followDispute(stage.erp, erpId, { id: disputeId, state: to, text, credited });
  } else {
    await stage.act(by, erpId, ({ invoice: invoiceId }) => ({
      kind: "comment",
      invoiceId,
      disputeId,
      text: says,
    }));
  }
}

async function credit(
  stage: Stage,
  erpId: string,
  { opened, credits, story }: { opened: Opened; credits: number; story: DisputeStory },
): Promise<void> {
  const invoice = requireInvoice(stage.erp.store, erpId);
  const amount = Math.min(Math.round(opened.amount * credits), invoice.total - invoice.credited);
  const reason = `Dispute, ${story.reason.replaceAll("_", " ")}`;
  await stage.tell((erp) => issueCreditNote(erp, erpId, { amount, reason }));
}
