import type { DisputeState, ReasonCode } from "#domain/dispute.ts";

/** What happens after a dispute was opened, in days after it. */
export interface Turn {
  after: number;
  by: "customer" | "supplier";
  /** Words to the other side. */
  says?: string;
  /** Words for colleagues, which the customer never sees. */
  notes?: string;
  /** Where the dispute goes; the words go with it. */
  to?: DisputeState;
  /** With `resolved`: part of the disputed amount that is credited. */
  credits?: number;
}

export interface DisputeStory {
  reason: ReasonCode;
  /** Part of one line's total that is disputed; null disputes the whole invoice. */
  share: number | null;
  /** Which line, from 1; the largest one when it is not said. */
  line?: number;
  /** The price or quantity of that line that the customer thinks correct; `share` follows from it. */
  correct?: string;
  message: string;
  turns: Turn[];
}

/** Disputes that came to an end. */
export const closedStories: DisputeStory[] = [
  {
    reason: "price_incorrect",
    share: 0.3,
    message: "The quotation has a lower price for this line. Everything else is right.",
    turns: [
      {
        after: 1,
        by: "supplier",
        to: "under_review",
        says: "Thank you, we compare it with sales.",
      },
      { after: 1.1, by: "supplier", notes: "Price list of last year was loaded for this project." },
      {
        after: 3,
        by: "supplier",
        to: "resolved",
        credits: 1,
        says: "You are right, the old price list was used. The credit note follows today.",
      },
    ],
  },
  {
    reason: "quantity_incorrect",
    share: 0.2,
    message: "We counted fewer parts than invoiced, see our goods receipt of the same day.",
    turns: [
      {
        after: 1,
        by: "supplier",
        to: "waiting_for_customer",
        says: "May we see the goods receipt?",
      },
      {
        after: 2,
        by: "customer",
        says: "Attached to the delivery: 4 racks, the fifth was not there.",
      },
      { after: 2.2, by: "supplier", to: "under_review", says: "Thank you, we check the racks." },
      {
        after: 5,
        by: "supplier",
        to: "resolved",
        credits: 0.5,
        says: "Half of the difference stayed with us and is credited. The rest left on 2 pallets, signed for.",
      },
    ],
  },
  {
    reason: "damaged",
    share: 0.5,
    message: "Scratches on the visible side, most likely from the interleaving.",
    turns: [
      { after: 2, by: "supplier", to: "under_review", says: "We look at the outgoing inspection." },
      {
        after: 6,
        by: "supplier",
        to: "rejected",
        says: "The outgoing inspection has photos of every frame without scratches; the carrier noted a shifted load.",
      },
    ],
  },
  {
    reason: "reference_missing",
    share: null,
    message: "Our purchase order number is missing, so we cannot book the invoice.",
    turns: [
      {
        after: 0.5,
        by: "supplier",
        to: "resolved",
        credits: 0,
        says: "The number is on the invoice now; the amount is unchanged.",
      },
    ],
  },
  {
    reason: "duplicate",
    share: null,
    message: "This looks like an invoice that we have already.",
    turns: [
      { after: 0.8, by: "customer", to: "withdrawn", says: "Our mistake, it is the second lot." },
    ],
  },
  {
    reason: "poor_quality",
    share: 0.6,
    message: "Layer thickness is 12 µm in places, 20 µm were ordered.",
    turns: [
      { after: 1, by: "supplier", to: "under_review", says: "We measure the retained samples." },
      { after: 4, by: "supplier", notes: "Bath 4 ran warm that night; two racks are affected." },
      {
        after: 6,
        by: "supplier",
        to: "resolved",
        credits: 0.7,
        says: "Two racks were below 20 µm. They are credited; the others measure 21 µm and more.",
      },
    ],
  },
  {
    reason: "charge_incorrect",
    share: 1,
    message: "No express handling was agreed for this job.",
    turns: [
      {
        after: 2,
        by: "supplier",
        to: "rejected",
        says: "The order confirmation of the same week names express in 48 hours; a copy is on its way.",
      },
    ],
  },
  {
    reason: "already_paid",
    share: null,
    message: "We paid this with the invoice before it.",
    turns: [
      { after: 1, by: "supplier", to: "under_review", says: "We look for it in the bank file." },
      {
        after: 2,
        by: "supplier",
        to: "resolved",
        credits: 0,
        says: "Found: the bank booked both in one sum. It is allocated now.",
      },
    ],
  },
];
