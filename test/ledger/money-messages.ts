import type { Change } from "#domain/change.ts";

/** One delivery of a system. */
export interface Message {
  connection: "erp" | "stripe";
  at: string;
  changes: Change[];
}

export interface Story {
  name: string;
  messages: Message[];
  ends: { paid: number; credited: number; due: number; status: string };
  /** Events about money, in the order of `messages`. */
  tells: string[];
  mails: string[];
}

export const eur = (amount: number) => ({ amount, currency: "EUR" });
/** An instant of 30 November, or of a later day. */
export const at = (time: string, day = "11-30") => `2026-${day}T${time}Z`;

/** The ERP's message with its revision: the balance, and what it itemises. */
export function erp(
  version: number,
  told: string,
  balance: number | null,
  items: object[] = [],
  rest = {},
) {
  const about = { version, toldAt: told };
  const ref = { externalId: "4711", number: "INV-1" };
  const sums = balance === null ? {} : { due: eur(balance) };
  const changes = [
    { kind: "invoice", invoice: { ...ref, ...about, currency: "EUR", ...sums, ...rest } },
    ...items.map((item) => ({ invoice: ref, ...about, occurredAt: told, ...item })),
  ];
  return { connection: "erp", at: told, changes: changes as Change[] } satisfies Message;
}

export const issued = erp(1, at("09:00:12.000"), 100_000, [], {
  ...{ total: eur(100_000), state: "issued", customer: { externalId: "C-1", name: "Acme" } },
  dueOn: "2027-01-30",
});

export function item(paymentId: string, stage: string, amount: number, occurredAt?: string) {
  const when = occurredAt === undefined ? {} : { occurredAt };
  return { kind: "payment", paymentId, stage, amount: eur(amount), ...when };
}

export const received = (id: string, amount: number, on?: string) =>
  item(id, "received", amount, on);
export const byPayment = { balanceBy: "payment", rank: 5 };

/** Stripe's invoice comes with its first payment. */
export function stripe(time: string, ...items: object[]): Message {
  const about = { version: time, toldAt: time };
  const ref = { externalId: "in_1" };
  const sameAs = { connection: "erp", externalId: "4711" };
  const who = { number: "S-1", customer: { externalId: "cus_1" }, currency: "EUR" };
  const version = at("09:05:07.000");
  const snapshot = { ...ref, ...who, version, toldAt: version, sameAs, total: eur(100_000) };
  const changes = [
    { kind: "invoice", invoice: snapshot },
    ...items.map((each) => ({ invoice: ref, ...about, occurredAt: time, ...each })),
  ];
  return { connection: "stripe", at: time, changes: changes as Change[] };
}

export const refund = (id: string, amount: number, stage = "refunded") => ({
  ...item(id, stage, amount),
  isRefund: true,
});
export const paidAt = at("14:52:10.000");
export const paidAtStripe = stripe(paidAt, received("pi_1", 100_000));
export const midnight = at("00:00:00.000");
export const bookedWhole = erp(
  2,
  at("15:10:33.000"),
  0,
  [received("B-1", 100_000, midnight)],
  byPayment,
);
export const bookedNet = (balance: number) =>
  erp(2, at("15:10:33.000"), balance, [received("B-1", 97_070, midnight)], byPayment);
export const paid = { paid: 100_000, credited: 0, due: 0, status: "paid" };
export const open = { paid: 0, credited: 0, due: 100_000, status: "open" };
export const once = { tells: ["payment.received 100000"], mails: ["payment_received"] };
export const thenBooked = { tells: [...once.tells, "payment.booked"], mails: once.mails };
