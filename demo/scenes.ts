import type { DisputeStory } from "./dispute-stories.ts";

/** An invoice that must look this way on whatever day the demo starts; days count back from now. */
export interface Scene {
  customer: string;
  currency: string;
  title: string;
  /** Work of the catalogue by its title, with quantities; made up when it is not said. */
  work?: [title: string, quantity: number][];
  issuedDaysAgo: number;
  terms: number;
  pays?: { daysAgo: number; learnedDaysAgo: number; share: number; reference: string }[];
  dispute?: DisputeStory & { openedDaysAgo: number };
  /** A promise for a day: negative days lie ahead. */
  promise?: { madeDaysAgo: number; forDaysAgo: number };
  comments?: { daysAgo: number; by: "customer" | "supplier"; says: string }[];
  writtenOffDaysAgo?: number;
  voidedDaysAgo?: number;
}

const meridian = "10-0472";

export const scenes: Scene[] = [
  {
    customer: meridian,
    currency: "EUR",
    title: "Bronze C-33, window frames, Utrecht Leidsche Rijn",
    work: [
      ["Pretreatment and etching E6", 412],
      ["Sulphuric anodizing, 20 µm", 412],
      ["Electrolytic colouring, bronze C-33", 412],
      ["Hot-water sealing", 412],
      ["Interleaved packing", 59],
    ],
    issuedDaysAgo: 37,
    terms: 30,
    pays: [{ daysAgo: 7, learnedDaysAgo: 4, share: 0.62713, reference: "MFS-2211" }],
    dispute: {
      openedDaysAgo: 4,
      reason: "price_incorrect",
      line: 3,
      share: 598.22 / 1944.23,
      correct: "2.70",
      message:
        "Quotation Q-22817 has bronze C-33 at 2.70 per m², the invoice says 3.90. Everything else is right.",
      turns: [
        {
          after: 0.8,
          by: "supplier",
          notes:
            "Sales confirms: price list of 2025 was loaded for Utrecht. Check the other lots too.",
        },
        {
          after: 1,
          by: "supplier",
          to: "under_review",
          says: "Thank you, I am checking the quotation with sales. You will hear from me this week.",
        },
        {
          after: 3,
          by: "supplier",
          to: "waiting_for_customer",
          says: "You are right, the old price list was used. Shall we credit the difference, or bill it anew?",
        },
      ],
    },
  },
  {
    customer: meridian,
    currency: "KWD",
    title: "Louvre blades, Sabah Al-Ahmad",
    issuedDaysAgo: 62,
    terms: 30,
    promise: { madeDaysAgo: 6, forDaysAgo: -7 },
  },
  {
    customer: meridian,
    currency: "EUR",
    title: "Pretreatment, brackets and cleats",
    issuedDaysAgo: 68,
    terms: 30,
    promise: { madeDaysAgo: 14, forDaysAgo: 4 },
    comments: [
      {
        daysAgo: 2,
        by: "supplier",
        says: "The payment promised for this week has not reached us. Is there a new date?",
      },
    ],
  },
  {
    customer: meridian,
    currency: "EUR",
    title: "Colour anodizing, curtain wall, Antwerp Havenhuis",
    issuedDaysAgo: 25,
    terms: 30,
    pays: [{ daysAgo: 11, learnedDaysAgo: 11, share: 0.585, reference: "MFS-2198" }],
  },
  {
    customer: meridian,
    currency: "JPY",
    title: "Hard anodizing, jig plates, Osaka",
    issuedDaysAgo: 20,
    terms: 30,
  },
  {
    customer: meridian,
    currency: "USD",
    title: "Hard anodizing 50 µm, hinge bodies, Newark",
    issuedDaysAgo: 5,
    terms: 30,
  },
  {
    customer: meridian,
    currency: "EUR",
    title: "Rework, contact points, returned lot",
    issuedDaysAgo: 23,
    terms: 30,
    dispute: {
      openedDaysAgo: 1.1,
      reason: "not_ordered",
      share: 0.4,
      message: "The rework was yours to carry: the contact marks were there on delivery.",
      turns: [{ after: 0.6, by: "supplier", to: "under_review", says: "We ask the line manager." }],
    },
    comments: [
      { daysAgo: 0.2, by: "customer", says: "We can send photos of the marks if that helps." },
    ],
  },
  {
    customer: meridian,
    currency: "EUR",
    title: "Sealing test panels",
    issuedDaysAgo: 98,
    terms: 30,
    voidedDaysAgo: 91,
  },
  {
    customer: meridian,
    currency: "EUR",
    title: "Small lot surcharge",
    issuedDaysAgo: 169,
    terms: 30,
    writtenOffDaysAgo: 15,
  },
  {
    customer: "10-0518",
    currency: "EUR",
    title: "Clear anodizing E6/EV1, façade profiles, Elbtower",
    issuedDaysAgo: 26,
    terms: 30,
    dispute: {
      openedDaysAgo: 6,
      reason: "poor_quality",
      share: null,
      message: "Visible colour difference between the lots of axis C and D. We cannot mount them.",
      turns: [],
    },
  },
  {
    customer: "10-0533",
    currency: "USD",
    title: "Hard anodizing, mast tracks",
    issuedDaysAgo: 12,
    terms: 30,
    dispute: {
      openedDaysAgo: 1,
      reason: "quantity_incorrect",
      share: 0.25,
      message: "38 tracks arrived, 50 are invoiced.",
      turns: [],
    },
  },
  {
    customer: "10-0540",
    currency: "JPY",
    title: "Jig plates, Osaka line 2",
    issuedDaysAgo: 30,
    terms: 60,
    dispute: {
      openedDaysAgo: 5,
      reason: "wrong_item",
      share: 0.5,
      message: "Six plates are drawing revision B, we ordered revision C.",
      turns: [
        { after: 1.5, by: "supplier", to: "under_review", says: "We check the racks of that day." },
      ],
    },
  },
  {
    customer: "10-0561",
    currency: "KWD",
    title: "Al Hamra podium, louvres lot 2",
    issuedDaysAgo: 41,
    terms: 30,
    dispute: {
      openedDaysAgo: 8,
      reason: "damaged",
      share: 0.2,
      message: "Crate 3 was opened at customs and eleven blades are scratched.",
      turns: [
        {
          after: 1,
          by: "supplier",
          to: "under_review",
          says: "We have asked the forwarder for the report.",
        },
        { after: 2, by: "supplier", notes: "Insurance case opened, forwarder ref. GLF-8841." },
      ],
    },
  },
  {
    customer: "10-0577",
    currency: "GBP",
    title: "Actuator housings, block 4",
    issuedDaysAgo: 33,
    terms: 45,
    dispute: {
      openedDaysAgo: 9,
      reason: "proof_missing",
      share: null,
      message: "The layer thickness report of batch 7 is missing.",
      turns: [
        {
          after: 2,
          by: "supplier",
          to: "waiting_for_customer",
          says: "Report 7 was sent with the parts. Would you look in the crate, or tell us where to send a copy?",
        },
      ],
    },
  },
  {
    customer: "10-0582",
    currency: "EUR",
    title: "Lycée Jean Moulin, châssis",
    issuedDaysAgo: 52,
    terms: 45,
    dispute: {
      openedDaysAgo: 12,
      reason: "tax_incorrect",
      share: 0.2,
      message: "Reverse charge applies: please bill without VAT and with our number.",
      turns: [
        {
          after: 4,
          by: "supplier",
          to: "waiting_for_customer",
          says: "Gladly. Is FR 40 303265045 the number to print?",
        },
      ],
    },
  },
  {
    customer: "10-0638",
    currency: "EUR",
    title: "Handrails stadium, lot 5",
    issuedDaysAgo: 48,
    terms: 30,
    dispute: {
      openedDaysAgo: 20,
      reason: "incomplete_delivery",
      share: 0.3,
      message: "Nine handrails are still with you, yet all are invoiced.",
      turns: [
        {
          after: 2,
          by: "supplier",
          to: "rejected",
          says: "All were collected by your carrier; the consignment note is signed.",
        },
        {
          after: 16,
          by: "supplier",
          to: "open",
          says: "The nine rails were found in hall 2. We reopen this.",
        },
      ],
    },
  },
  {
    customer: "10-0659",
    currency: "EUR",
    title: "Lamp shades gold, autumn series",
    issuedDaysAgo: 19,
    terms: 14,
    promise: { madeDaysAgo: 2, forDaysAgo: -3 },
  },
];
