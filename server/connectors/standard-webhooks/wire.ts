import { z } from "zod";
import { DisputeState, ReasonCode } from "#domain/dispute.ts";
import { CreditType, PaymentStage } from "#domain/change.ts";
import { Currency as IsoCurrency } from "#domain/money.ts";
import { CalendarDay, DayOrInstant, ZonedInstant } from "#server/connectors/kit/dates.ts";
import { DecimalText, IdText } from "#server/connectors/kit/json.ts";

// The published body (v1): unknown keys are ignored, a missing key or null is not told.
const Minor = z.int().nullish();
const Decimal = DecimalText.nullish();
const Text = z.string().nullish();
const Shown = DecimalText.nullish(); // to show, never calculated with
const Currency = z
  .string()
  .transform((code) => code.trim().toUpperCase())
  .pipe(IsoCurrency);

const WireLine = z.object({
  id: IdText.nullish(),
  description: Text,
  quantity: Shown,
  unit: Text,
  unitPrice: Shown,
  taxRate: Shown,
  ...{ net: Decimal, netMinor: Minor },
  ...{ tax: Decimal, taxMinor: Minor },
  ...{ total: Decimal, totalMinor: Minor },
});
export type WireLine = z.infer<typeof WireLine>;

/** `payment` and `refund`. */
const WirePayment = z.object({
  id: IdText,
  stage: PaymentStage.nullish(),
  ...{ amount: Decimal, amountMinor: Minor },
  currency: Currency.nullish(),
  at: DayOrInstant.nullish(),
  method: Text,
  reference: Text,
  reason: Text,
});
export type WirePayment = z.infer<typeof WirePayment>;

const WireAdjustment = z.object({
  id: IdText,
  kind: CreditType.nullish(),
  ...{ amount: Decimal, amountMinor: Minor },
  currency: Currency.nullish(),
  at: DayOrInstant.nullish(),
  reason: Text,
  voided: z.boolean().nullish(),
});
export type WireAdjustment = z.infer<typeof WireAdjustment>;

/** `invoice`, as pushed and as answered to a fetch. */
export const WireInvoice = z.object({
  number: IdText,
  externalId: IdText.nullish(),
  customer: z.object({ id: IdText.nullish(), name: Text, email: Text }).nullish(),
  currency: Currency,
  ...{ total: Decimal, totalMinor: Minor },
  ...{ paid: Decimal, paidMinor: Minor },
  ...{ credited: Decimal, creditedMinor: Minor },
  ...{ balance: Decimal, balanceMinor: Minor },
  issuedOn: CalendarDay.nullish(),
  dueOn: CalendarDay.nullish(),
  status: z
    .enum(["draft", "open", "partially_paid", "paid", "overdue", "void", "written_off"])
    .nullish(),
  version: z.int().nullish(),
  updatedAt: ZonedInstant.nullish(),
  poNumber: IdText.nullish(),
  references: z.array(z.object({ kind: z.string(), value: IdText })).nullish(),
  url: z.url().nullish(),
  documentRef: Text,
  description: Text,
  lines: z.array(WireLine).nullish(),
  payments: z.array(WirePayment).nullish(),
  adjustments: z.array(WireAdjustment).nullish(),
});
export type WireInvoice = z.infer<typeof WireInvoice>;

const WireDispute = z.object({
  id: IdText.nullish(),
  externalId: IdText.nullish(),
  state: DisputeState.nullish(),
  reason: ReasonCode.nullish(),
  ...{ amount: Decimal, amountMinor: Minor },
  ...{ creditedAmount: Decimal, creditedAmountMinor: Minor },
  currency: Currency.nullish(),
  message: Text,
  at: DayOrInstant.nullish(),
});
export type WireDispute = z.infer<typeof WireDispute>;

export const WireData = z.object({
  /** Repeated in CloudEvents' binary mode, where the signature does not cover the headers. */
  type: Text,
  timestamp: ZonedInstant.nullish(),
  invoice: WireInvoice,
  payment: WirePayment.nullish(),
  refund: WirePayment.nullish(),
  adjustment: WireAdjustment.nullish(),
  dispute: WireDispute.nullish(),
  comment: z
    .object({ id: IdText.nullish(), text: z.string().trim().min(1).max(5000), author: Text })
    .nullish(),
  promise: z
    .object({
      id: IdText.nullish(),
      on: CalendarDay,
      ...{ amount: Decimal, amountMinor: Minor },
      currency: Currency.nullish(),
    })
    .nullish(),
});
export type WireData = z.infer<typeof WireData>;

/** The plain envelope. A ping has no data. */
export const Envelope = z.object({
  type: z.string().min(1),
  timestamp: ZonedInstant,
  data: z.unknown(),
});
