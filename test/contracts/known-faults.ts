/** A line of a vendor's description that is wrong, or less than the vendor documents elsewhere. */
export interface KnownFault {
  document: string;
  /** What a violation begins with. */
  says: string;
  reason: string;
}

/** Every entry is needed: one that no call meets any more fails the run. */
export const knownFaults: KnownFault[] = [
  {
    document: "stripe.json",
    says: "GET /v1/refunds",
    reason: "An excerpt without /v1/refunds, which Stripe's reference describes.",
  },
  {
    document: "stripe.json",
    says: "GET /v1/invoice_payments: request.query.payment is not described",
    reason:
      "Left out of the excerpt: the reference lists payment[type] and payment[payment_intent].",
  },
  {
    document: "quickbooks-online.json",
    says: "GET /v3/company/9130357766900001/creditmemo/",
    reason: "An excerpt without the entity CreditMemo, which is read like Invoice and Payment.",
  },
  {
    document: "xero.json",
    says: "GET /Invoices: request.header.if-modified-since",
    reason: "It asks for a zone, while Xero's guide says UTC as yyyy-mm-ddThh:mm:ss without one.",
  },
];
