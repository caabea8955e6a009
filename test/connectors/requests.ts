import type { WriteBackRequest } from "#domain/write-back.ts";

const about = {
  key: "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
  marker: "[D-INV-1001-01#17]",
  occurredAt: "2026-11-20T09:59:00.000Z",
  url: "https://portal.example/invoices/inv_1",
  invoice: { number: "INV-1001", externalId: "in_4711", currency: "EUR", version: 3 },
  actor: { name: "Ana Buyer", email: "ana@acme.example" },
};

/** A dispute over 120.00 EUR, as it is to be told to a system. */
export const disputeOpened: WriteBackRequest = {
  ...about,
  event: "dispute.opened",
  dispute: {
    id: "dsp_1",
    number: "D-INV-1001-01",
    state: "open",
    reason: "quantity_incorrect",
    amount: { amount: 12000, currency: "EUR" },
    message: "Two pieces are missing",
    openedAt: "2026-11-20T09:59:00.000Z",
  },
};

export const promiseMade: WriteBackRequest = {
  ...about,
  event: "promise.made",
  promise: { id: "prm_1", promisedOn: "2026-12-05", amount: { amount: 5000, currency: "JPY" } },
};

export const commentAdded: WriteBackRequest = {
  ...about,
  event: "comment.added",
  comment: { id: "com_1", text: "Please send the delivery note" },
};
