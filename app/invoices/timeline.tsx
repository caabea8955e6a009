import type { ReactNode } from "react";
import { DisputeShape } from "#app/disputes/dispute-mark.tsx";
import { StatusShape } from "#app/ui/status-mark.tsx";
import { TwoTimes } from "#app/ui/two-times.tsx";

/** Events with both their times; give them newest record first. */
export function Timeline({ children }: { children: ReactNode }) {
  return <ol className="timeline">{children}</ol>;
}

/**
 * One event. `type` is the ledger's event type and decides the shape; children are the sentence; `source`
 * says who or what made it happen; `sequence` is its number in the ledger.
 */
export function TimelineItem({
  type,
  occurredAt,
  recordedAt,
  sequence,
  source,
  children,
}: {
  type: string;
  occurredAt: string;
  recordedAt: string;
  sequence: number;
  source?: ReactNode;
  children: ReactNode;
}) {
  return (
    <li className="event" id={`event-${sequence}`}>
      <div className="event__when">
        <TwoTimes occurredAt={occurredAt} recordedAt={recordedAt} />
      </div>
      <span className="event__dot">
        <EventShape type={type} />
      </span>
      <div className="event__body">
        <p>{children}</p>
        {source === undefined ? null : <small>{source}</small>}
      </div>
      <span className="event__seq">{sequence.toLocaleString("en-GB")}</span>
    </li>
  );
}

/** The shape of an event in the colour of its meaning. */
export function EventShape({ type }: { type: string }) {
  const [tone, shape] = shapes[type] ?? plain;
  return <span className={tone}>{shape}</span>;
}

const plain: readonly [string, ReactNode] = [
  "soft",
  <svg key="plain" viewBox="0 0 16 16" aria-hidden="true">
    <rect x="5" y="5" width="6" height="6" fill="currentColor" />
  </svg>,
];

const waiting = <DisputeShape state="waiting_for_customer" />;

const shapes: Record<string, readonly [string, ReactNode]> = {
  "invoice.issued": ["soft", <StatusShape key="open" status="open" />],
  "invoice.overdue": ["late", <StatusShape key="overdue" status="overdue" />],
  "invoice.voided": ["closed", <StatusShape key="void" status="void" />],
  "invoice.unvoided": ["soft", <StatusShape key="open" status="open" />],
  "invoice.written_off": ["closed", <StatusShape key="off" status="written_off" />],
  "invoice.adjusted": ["money", <StatusShape key="part" status="partially_paid" />],
  "invoice.settled": ["money", <StatusShape key="part" status="partially_paid" />],
  "invoice.reissued": ["soft", <StatusShape key="open" status="open" />],
  "payment.identified": ["soft", <StatusShape key="paid" status="paid" />],
  "payment.booked": ["soft", <StatusShape key="paid" status="paid" />],
  "payment.refund_failed": ["soft", <StatusShape key="open" status="open" />],
  "payment.pending": ["money", <StatusShape key="part" status="partially_paid" />],
  "payment.received": ["money", <StatusShape key="paid" status="paid" />],
  "payment.failed": ["late", <StatusShape key="overdue" status="overdue" />],
  "payment.refunded": ["late", <StatusShape key="open" status="open" />],
  "payment.reversed": ["late", <StatusShape key="overdue" status="overdue" />],
  "promise.broken": ["late", <StatusShape key="overdue" status="overdue" />],
  "dispute.opened": ["question", <DisputeShape key="open" state="open" />],
  "dispute.reopened": ["question", <DisputeShape key="open" state="open" />],
  "dispute.updated": ["question", <DisputeShape key="review" state="under_review" />],
  "dispute.waiting": ["question", waiting],
  "dispute.offered": ["question", waiting],
  "dispute.resolved": ["money", <DisputeShape key="resolved" state="resolved" />],
  "dispute.rejected": ["closed", <DisputeShape key="rejected" state="rejected" />],
  "dispute.withdrawn": ["closed", <DisputeShape key="withdrawn" state="withdrawn" />],
  "mail.failed": ["late", <StatusShape key="overdue" status="overdue" />],
  "writeback.failed": ["late", <StatusShape key="overdue" status="overdue" />],
};
