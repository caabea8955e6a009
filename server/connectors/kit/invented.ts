import { createHash } from "node:crypto";
import { type CalendarDate, plusDays } from "#domain/time.ts";

/** An invoice that nobody sent, for simulations; amounts are minor units of EUR. */
export interface InventedInvoice {
  /** Digits that differ by seed, for ids and numbers. */
  serial: string;
  customer: { id: string; name: string };
  total: number;
  /** A part of it, for payments and credit notes that do not settle it. */
  part: number;
  issuedOn: CalendarDate;
  dueOn: CalendarDate;
}

const customers = [
  "Aldgate Fixtures Ltd",
  "Brandt Fassaden GmbH",
  "Cormorant Rail BV",
  "Delta Lifts SA",
  "Eastmoor Windows Ltd",
  "Fjordglas AS",
];

/** The same invoice for the same seed, dated around now. */
export function inventInvoice({ seed, now }: { seed: number; now: Date }): InventedInvoice {
  const digest = createHash("sha256").update(`invented ${seed}`).digest();
  const place = digest.readUInt8(0) % customers.length;
  const total = 100_00 + (digest.readUInt32BE(1) % 900_000);
  const issuedOn = plusDays(now.toISOString().slice(0, 10), -(digest.readUInt8(5) % 20));
  return {
    serial: String(seed).padStart(6, "0"),
    customer: { id: `C-${1001 + place}`, name: customers[place] ?? "" },
    total,
    part: Math.floor(total / 3),
    issuedOn,
    dueOn: plusDays(issuedOn, 30),
  };
}
