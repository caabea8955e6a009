import {
  at,
  erp,
  issued,
  item,
  received,
  byPayment,
  stripe,
  paidAtStripe,
  bookedWhole,
  bookedNet,
  paid,
  open,
  once,
  thenBooked,
  refund,
  midnight,
  type Story,
} from "./money-messages.ts";

const refundedAt = at("15:30:00.000");
const refundBooked = (version: number, balance: number, amount: number) =>
  erp(version, at("15:40:33.000"), balance, [item("RF", "refunded", amount)], {
    ...{ balanceBy: "payment", rank: 6 },
  });

/** Money given back at Stripe. */
export const refunds: Story[] = [
  {
    name: "refunded at Stripe before anything is booked",
    messages: [issued, paidAtStripe, stripe(at("15:01:00.000"), refund("re_1", 100_000))],
    ends: paid,
    tells: [...once.tells, "payment.refunded 100000"],
    mails: ["payment_received", "payment_refunded"],
  },
  {
    name: "refunded in part before the booking, which is of the rest",
    messages: [
      ...[issued, paidAtStripe, stripe(at("15:01:00.000"), refund("re_1", 40_000))],
      erp(2, at("15:10:33.000"), 40_000, [received("B-1", 60_000, midnight)], byPayment),
    ],
    ends: { paid: 60_000, credited: 0, due: 40_000, status: "partially_paid" },
    tells: [
      ...[...once.tells, "payment.refunded 40000"],
      ...["payment.identified", "payment.booked", "payment.booked"],
    ],
    mails: ["payment_received", "payment_refunded"],
  },
  {
    name: "refunded before the booking, both booked",
    messages: [
      ...[issued, paidAtStripe, stripe(at("15:01:00.000"), refund("re_1", 40_000))],
      ...[bookedWhole, refundBooked(3, 40_000, 40_000)],
    ],
    ends: { paid: 60_000, credited: 0, due: 40_000, status: "partially_paid" },
    tells: [...once.tells, "payment.refunded 40000", "payment.booked", "payment.booked"],
    mails: ["payment_received", "payment_refunded"],
  },
  {
    name: "refunded after the booking, and the refund booked",
    messages: [
      ...[issued, paidAtStripe, bookedWhole, stripe(refundedAt, refund("re_1", 30_000))],
      refundBooked(3, 30_000, 30_000),
    ],
    ends: { paid: 70_000, credited: 0, due: 30_000, status: "partially_paid" },
    tells: [...thenBooked.tells, "payment.refunded 30000", "payment.booked"],
    mails: ["payment_received", "payment_refunded"],
  },
  {
    name: "two refunds booked as one",
    messages: [
      ...[issued, paidAtStripe, bookedWhole],
      stripe(refundedAt, refund("re_1", 20_000), refund("re_2", 10_000)),
      refundBooked(3, 30_000, 30_000),
    ],
    ends: { paid: 70_000, credited: 0, due: 30_000, status: "partially_paid" },
    tells: [
      ...[...thenBooked.tells, "payment.refunded 20000", "payment.refunded 10000"],
      ...["payment.booked", "payment.booked", "payment.identified"],
    ],
    mails: ["payment_received", "payment_refunded", "payment_refunded"],
  },
  {
    name: "booked net of the fee, and refunded in part",
    messages: [
      ...[issued, paidAtStripe, bookedNet(2930)],
      stripe(refundedAt, refund("re_1", 30_000)),
    ],
    ends: paid,
    tells: [...once.tells, "payment.identified", "payment.refunded 30000"],
    mails: ["payment_received", "payment_refunded"],
  },
  {
    name: "a refund that failed, because Stripe says so",
    messages: [
      ...[issued, paidAtStripe, bookedWhole, stripe(refundedAt, refund("re_1", 30_000))],
      stripe(at("15:45:00.000"), refund("re_1", 30_000, "failed")),
    ],
    ends: paid,
    tells: [...thenBooked.tells, "payment.refunded 30000", "payment.refund_failed 30000"],
    mails: ["payment_received", "payment_refunded", "payment_refunded"],
  },
];

const bounced = erp(3, at("16:00:05.000"), 100_000, [item("B-1", "failed", 100_000)], { rank: 2 });
/** Money that the owner booked and took back. */
export const reversals: Story[] = [
  {
    name: "booked, and bounced at the owner",
    messages: [issued, paidAtStripe, bookedWhole, bounced],
    ends: open,
    tells: [...thenBooked.tells, "payment.failed 100000"],
    mails: ["payment_received", "payment_failed"],
  },
  {
    name: "bounced at the owner, and paid once more at Stripe",
    messages: [
      ...[issued, paidAtStripe, bookedWhole, bounced],
      stripe(at("17:00:00.000"), received("pi_2", 100_000)),
    ],
    ends: paid,
    tells: [...thenBooked.tells, "payment.failed 100000", "payment.received 100000"],
    mails: ["payment_received", "payment_failed", "payment_received"],
  },
  {
    name: "booked as a sum, and taken back as a sum",
    messages: [
      ...[issued, paidAtStripe, erp(2, at("15:10:33.000"), 0, [], byPayment)],
      erp(3, at("16:00:05.000"), 100_000, [], { balanceBy: "payment", rank: 6 }),
    ],
    ends: open,
    tells: [...thenBooked.tells, "payment.reversed 100000"],
    mails: ["payment_received", "payment_failed"],
  },
  {
    name: "booked, and no longer in the owner's list",
    messages: [
      ...[issued, paidAtStripe],
      erp(2, at("15:10:33.000"), 0, [received("B-1", 100_000)], { paymentIds: ["B-1"] }),
      erp(3, at("16:00:05.000"), 100_000, [], { paymentIds: [] }),
    ],
    ends: open,
    tells: [...thenBooked.tells, "payment.reversed 100000"],
    mails: ["payment_received", "payment_failed"],
  },
  {
    name: "booked net, and reversed whole",
    messages: [
      ...[issued, paidAtStripe, bookedNet(2930)],
      erp(3, at("16:00:05.000"), 100_000, [item("B-1", "reversed", 97_070)], { rank: 6 }),
    ],
    ends: open,
    tells: [...once.tells, "payment.identified", "payment.reversed 97070"],
    mails: ["payment_received", "payment_failed"],
  },
];
