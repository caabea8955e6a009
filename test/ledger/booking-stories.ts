import {
  at,
  erp,
  issued,
  received,
  byPayment,
  stripe,
  paidAt,
  paidAtStripe,
  bookedWhole,
  bookedNet,
  paid,
  once,
  thenBooked,
  eur,
  midnight,
  type Story,
} from "./money-messages.ts";

/** How an owner books what Stripe received. */
export const bookings: Story[] = [
  {
    name: "booked whole",
    messages: [issued, paidAtStripe, bookedWhole],
    ...{ ends: paid, ...thenBooked },
  },
  {
    name: "booked net of the fee, with a value date at midnight",
    messages: [issued, paidAtStripe, bookedNet(2930)],
    ...{ ends: paid, tells: [...once.tells, "payment.identified"], mails: once.mails },
  },
  {
    name: "booked net of the fee, which the balance leaves out",
    messages: [issued, paidAtStripe, bookedNet(0)],
    ends: paid,
    tells: [...once.tells, "payment.identified", "payment.booked"],
    mails: once.mails,
  },
  {
    name: "booked net, the fee as a discount",
    messages: [
      ...[issued, paidAtStripe, bookedNet(2930)],
      erp(3, at("15:12:41.000"), 0, [
        { kind: "credit", creditId: "FEE", type: "discount", amount: eur(2930) },
      ]),
    ],
    ends: { paid: 97_070, credited: 2930, due: 0, status: "paid" },
    tells: [...once.tells, "payment.identified", "invoice.adjusted 2930", "payment.booked"],
    mails: ["payment_received", "invoice_adjusted"],
  },
  {
    name: "booked in two parts",
    messages: [
      ...[issued, paidAtStripe],
      erp(2, at("15:10:33.000"), 60_000, [received("B-1", 40_000, midnight)], byPayment),
      erp(3, at("15:20:33.000"), 0, [received("B-2", 60_000, midnight)], byPayment),
    ],
    ends: paid,
    tells: [...once.tells, "payment.identified", "payment.identified", "payment.booked"],
    mails: once.mails,
  },
  {
    name: "two payments booked as one, by a clock that is half a minute slow",
    messages: [
      issued,
      stripe(paidAt, received("pi_1", 30_000)),
      stripe(at("14:52:11.000"), received("pi_2", 30_000)),
      erp(2, at("14:51:44.000"), 40_000, [received("B-1", 60_000)], byPayment),
    ],
    ends: { paid: 60_000, credited: 0, due: 40_000, status: "partially_paid" },
    tells: [
      ...["payment.received 30000", "payment.received 30000"],
      ...["payment.identified", "payment.booked", "payment.booked"],
    ],
    mails: ["payment_received", "payment_received"],
  },
  {
    name: "booked three weeks later",
    messages: [
      ...[issued, paidAtStripe],
      erp(2, at("08:01:02.000", "12-21"), 0, [received("B-1", 100_000)], byPayment),
    ],
    ends: paid,
    tells: [...once.tells, "payment.booked", "payment.identified"],
    mails: once.mails,
  },
  {
    name: "paid at the bank in full, and once more at Stripe",
    messages: [
      issued,
      erp(2, at("10:10:33.000"), 60_000, [received("B-1", 40_000)], byPayment),
      erp(3, at("10:20:33.000"), 0, [received("B-2", 60_000)], byPayment),
      paidAtStripe,
    ],
    ends: paid,
    tells: ["payment.received 40000", "payment.received 60000", "payment.identified"],
    mails: ["payment_received", "payment_received"],
  },
  {
    name: "paid too much at Stripe, and booked so",
    messages: [
      ...[issued, stripe(paidAt, received("pi_1", 120_000))],
      erp(2, at("15:10:33.000"), -20_000, [received("B-1", 120_000, midnight)], byPayment),
    ],
    ends: { paid: 120_000, credited: 0, due: -20_000, status: "paid" },
    tells: ["payment.received 100000", "payment.received 20000"],
    mails: ["payment_received", "payment_received"],
  },
  {
    name: "credited by the owner before it books the rest",
    messages: [
      ...[issued, paidAtStripe],
      erp(2, at("15:10:33.000"), 80_000, [
        { kind: "credit", creditId: "CN", type: "credit_note", amount: eur(20_000) },
      ]),
      erp(3, at("15:20:33.000"), 0, [received("B-1", 80_000, midnight)], byPayment),
    ],
    ends: { paid: 80_000, credited: 20_000, due: 0, status: "paid" },
    tells: [
      ...[...once.tells, "invoice.adjusted 20000"],
      ...["payment.identified", "payment.booked"],
    ],
    mails: ["payment_received", "invoice_adjusted"],
  },
];
