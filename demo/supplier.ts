import type { StaffRole } from "#db/queries/scope.ts";

/** Somebody who signs in; the address is theirs alone. */
export interface DemoPerson {
  name: string;
  email: string;
  timeZone: string;
  locale: string;
}

/** When a customer pays, in days around the due date. */
export interface Habit {
  earliest: number;
  latest: number;
}

export interface DemoCustomer {
  /** The ERP's customer number. */
  id: string;
  name: string;
  /** The first administers the company's users. */
  contacts: [DemoPerson, ...DemoPerson[]];
  /** The first is the usual one. */
  currencies: [string, ...string[]];
  /** VAT in percent; 0 where the customer accounts for it. */
  taxRate: string;
  /** Days to pay. */
  terms: number;
  habit: Habit;
  /** Share of all invoices, relative to the others. */
  weight: number;
  /** How its orders are numbered: # is a digit. */
  orders: string;
  projects: [string, ...string[]];
}

const amsterdam = { timeZone: "Europe/Amsterdam", locale: "en" };
const berlin = { timeZone: "Europe/Berlin", locale: "de" };
const london = { timeZone: "Europe/London", locale: "en" };
const paris = { timeZone: "Europe/Paris", locale: "en" };
const newYork = { timeZone: "America/New_York", locale: "en" };

export const marit = { name: "Marit Oosterhuis", email: "marit@kestrel.example", ...amsterdam };
export const jeroen = { name: "Jeroen Bakker", email: "jeroen@kestrel.example", ...amsterdam };
export const ines = { name: "Ines de Wolf", email: "ines.dewolf@meridian.example", ...amsterdam };

/** The people who work for Kestrel Anodizing. */
export const staff: { person: DemoPerson; role: StaffRole }[] = [
  { person: marit, role: "administrator" },
  { person: jeroen, role: "finance" },
  {
    person: { name: "Aukje Dijkstra", email: "aukje@kestrel.example", ...amsterdam },
    role: "finance",
  },
  {
    person: { name: "Hugo Lindqvist", email: "hugo@audit.example", ...amsterdam },
    role: "auditor",
  },
];

const punctual = { earliest: -6, latest: 1 };
const relaxed = { earliest: -2, latest: 14 };
const late = { earliest: 3, latest: 45 };

/** Kestrel's customers as its ERP knows them. */
export const customers: [DemoCustomer, ...DemoCustomer[]] = [
  {
    id: "10-0472",
    name: "Meridian Façade Systems Group B.V.",
    contacts: [
      ines,
      { name: "Pieter Hoekstra", email: "pieter.hoekstra@meridian.example", ...amsterdam },
    ],
    currencies: ["EUR", "EUR", "EUR", "EUR", "EUR", "EUR", "USD", "JPY", "KWD"],
    taxRate: "21",
    terms: 30,
    habit: relaxed,
    weight: 24,
    orders: "45001#####",
    projects: [
      "Utrecht Leidsche Rijn",
      "Delft lot 3",
      "Antwerp Havenhuis",
      "Rotterdam Zuid",
      "Almere balconies",
      "Eindhoven Strijp-T",
    ],
  },
  {
    id: "10-0518",
    name: "Aldermann Fassadenbau- und Aluminiumveredelungsgesellschaft mbH & Co. KG",
    contacts: [{ name: "Katrin Vogelsang", email: "k.vogelsang@aldermann.example", ...berlin }],
    currencies: ["EUR"],
    taxRate: "0",
    terms: 30,
    habit: late,
    weight: 13,
    orders: "BE-2#####",
    projects: ["Elbtower Hamburg", "Messehalle 9", "Klinikum Bochum", "Haus am Kai"],
  },
  {
    id: "10-0533",
    name: "Brightwater Marine Fittings Ltd",
    contacts: [{ name: "Tom Ashworth", email: "tom@brightwater.example", ...london }],
    currencies: ["GBP", "GBP", "USD"],
    taxRate: "0",
    terms: 30,
    habit: relaxed,
    weight: 10,
    orders: "BMF-####",
    projects: ["Cleats spring batch", "Mast tracks", "Hatch rims", "Stanchion sockets"],
  },
  {
    id: "10-0540",
    name: "Tanaka Precision K.K.",
    contacts: [
      {
        name: "Yuko Tanaka",
        email: "y.tanaka@tanaka-precision.example",
        timeZone: "Asia/Tokyo",
        locale: "en",
      },
    ],
    currencies: ["JPY"],
    taxRate: "0",
    terms: 60,
    habit: punctual,
    weight: 8,
    orders: "OS-####-###",
    projects: ["Jig plates Osaka", "Vacuum chucks", "Wafer carriers"],
  },
  {
    id: "10-0561",
    name: "Gulf Façade Systems W.L.L.",
    contacts: [
      {
        name: "Fahad Al-Mutairi",
        email: "fahad@gulf-facade.example",
        timeZone: "Asia/Kuwait",
        locale: "en",
      },
    ],
    currencies: ["KWD", "KWD", "USD"],
    taxRate: "0",
    terms: 30,
    habit: late,
    weight: 8,
    orders: "KW/26/####",
    projects: ["Sabah Al-Ahmad louvres", "Al Hamra podium", "Airport T2 soffits"],
  },
  {
    id: "10-0577",
    name: "Hartwell Aerospace plc",
    contacts: [
      { name: "Eleanor Price", email: "eleanor.price@hartwell.example", ...london },
      { name: "Sunil Rao", email: "sunil.rao@hartwell.example", ...london },
    ],
    currencies: ["GBP", "GBP", "EUR"],
    taxRate: "0",
    terms: 45,
    habit: punctual,
    weight: 11,
    orders: "HW7#####",
    projects: ["Actuator housings", "Valve bodies block 4", "Gearbox covers", "Seat rails"],
  },
  {
    id: "10-0582",
    name: "Menuiserie Aluminium du Rhône et de la Méditerranée S.A.S.",
    contacts: [{ name: "Camille Rousseau", email: "c.rousseau@marm.example", ...paris }],
    currencies: ["EUR"],
    taxRate: "0",
    terms: 45,
    habit: relaxed,
    weight: 9,
    orders: "CMD-#####",
    projects: ["Lycée Jean Moulin", "Résidence Les Calanques", "Halle de Valence"],
  },
  {
    id: "10-0596",
    name: "Northlake Bicycle Components Inc.",
    contacts: [{ name: "Dana Whitfield", email: "dana@northlake.example", ...newYork }],
    currencies: ["USD"],
    taxRate: "0",
    terms: 30,
    habit: relaxed,
    weight: 9,
    orders: "PO-8####-NY",
    projects: ["Crank arms MY27", "Hub shells", "Stem forgings", "Chainring black"],
  },
  {
    id: "10-0603",
    name: "Officine Bertacchi S.r.l.",
    contacts: [
      {
        name: "Luca Bertacchi",
        email: "luca@bertacchi.example",
        timeZone: "Europe/Rome",
        locale: "en",
      },
    ],
    currencies: ["EUR"],
    taxRate: "0",
    terms: 60,
    habit: late,
    weight: 8,
    orders: "OB/####",
    projects: ["Espresso bodies", "Group head rings", "Grinder hoppers"],
  },
  {
    id: "10-0611",
    name: "Søndergaard Audio A/S",
    contacts: [
      {
        name: "Mette Søndergaard",
        email: "mette@sondergaard.example",
        timeZone: "Europe/Copenhagen",
        locale: "en",
      },
    ],
    currencies: ["EUR"],
    taxRate: "0",
    terms: 14,
    habit: punctual,
    weight: 8,
    orders: "SA-####",
    projects: ["Amplifier fronts black", "Knobs champagne", "Heat sinks class A"],
  },
  {
    id: "10-0624",
    name: "Vesper Optics GmbH",
    contacts: [{ name: "Jonas Adler", email: "j.adler@vesper-optics.example", ...berlin }],
    currencies: ["EUR"],
    taxRate: "0",
    terms: 30,
    habit: punctual,
    weight: 8,
    orders: "VO######",
    projects: ["Lens barrels matt black", "Mount rings", "Tripod heads"],
  },
  {
    id: "10-0638",
    name: "Kowalczyk Profile Sp. z o.o.",
    contacts: [
      {
        name: "Agnieszka Kowalczyk",
        email: "agnieszka@kowalczyk.example",
        timeZone: "Europe/Warsaw",
        locale: "en",
      },
    ],
    currencies: ["EUR"],
    taxRate: "0",
    terms: 30,
    habit: relaxed,
    weight: 8,
    orders: "ZAM/####/26",
    projects: ["Winter gardens Gdynia", "Shopfronts Łódź", "Handrails stadium"],
  },
  {
    id: "10-0645",
    name: "Pallas Medical Devices Inc.",
    contacts: [{ name: "Rahul Menon", email: "rahul.menon@pallas.example", ...newYork }],
    currencies: ["USD"],
    taxRate: "0",
    terms: 30,
    habit: punctual,
    weight: 7,
    orders: "4100####",
    projects: ["Instrument trays", "Handles colour coded", "Sterilization racks"],
  },
  {
    id: "10-0659",
    name: "Atelier Lumen",
    contacts: [{ name: "Claire Fontaine", email: "claire@atelier-lumen.example", ...paris }],
    currencies: ["EUR"],
    taxRate: "0",
    terms: 14,
    habit: late,
    weight: 5,
    orders: "AL####",
    projects: ["Lamp shades gold", "Reflectors bright dip", "Pendant rings"],
  },
];
