import { Link, useSearchParams } from "@remix-run/react";
import { useMemo } from "react";
import { daysBetween } from "#app/ui/days.ts";
import { CaseLines, type CaseDispute, type CaseInvoice } from "./case-lines.tsx";
import { CaseSide, type CaseFacts } from "./case-side.tsx";
import { CaseTalk, type TalkItem } from "./case-talk.tsx";
import { Compose, composeTabs, type Refused } from "./compose.tsx";
import { Case } from "./desk.tsx";
import { Done } from "#app/ui/done.tsx";
import { DisputeMark } from "./dispute-mark.tsx";
import { useReader } from "#app/ui/reader.ts";
import { StatusMark } from "#app/ui/status-mark.tsx";
import {
  type DisputeWord,
  invoiceDisputeWords,
  reasonWords,
  type Status,
} from "#app/words/words.ts";

const doneWords = {
  take: "You work on it.",
  give_back: "It is among those that nobody works on.",
  answer: "Sent to the customer.",
  ask: "Asked. The dispute waits for the customer.",
  note: "The note is kept.",
  resolve: "Resolved. The customer is told.",
  reject: "Rejected. The customer is told.",
  reopen: "It is open again. The customer is told.",
};

interface DisputeCaseData extends CaseFacts {
  dispute: CaseDispute & CaseFacts["dispute"] & { id: string; number: string; state: DisputeWord };
  invoice: CaseInvoice & CaseFacts["invoice"] & { number: string; status: Status };
  supplier: string;
  talk: readonly TalkItem[];
}

/**
 * The second and third column of the desk. Its forms and links go to the dispute's own address, so
 * that it works beside the queue too. `wide` hides it on a phone, where the queue is all there is.
 */
export function DisputeCase({
  data,
  refused,
  wide,
}: {
  data: DisputeCaseData;
  refused?: Refused | undefined;
  wide?: true;
}) {
  const { dispute, invoice, customer } = data;
  const path = `/finance/disputes/${dispute.id}`;
  const { today } = useReader();
  const [search] = useSearchParams();
  const tabs = composeTabs({ isOpen: dispute.isOpen });
  const asked = refused?.values["do"] ?? search.get("write");
  const said = useMemo(
    () => data.talk.flatMap(({ side, text }) => (side === "customer" ? [] : text)),
    [data.talk],
  );
  const tab = tabs.find(({ key }) => key === asked)?.key ?? tabs[0]?.key ?? "note";
  return (
    <>
      <Case
        title={`${dispute.number}, ${reasonWords[dispute.reason].toLowerCase()}`}
        text={<About customer={customer} invoice={invoice.number} />}
        marks={
          <>
            <DisputeMark state={dispute.state} reader="supplier">
              {invoiceDisputeWords[dispute.state]}
            </DisputeMark>
            <StatusMark
              status={invoice.status}
              paid={invoice.paid}
              lateDays={invoice.dueOn === null ? undefined : daysBetween(invoice.dueOn, today)}
            />
          </>
        }
        wide={wide}
      >
        <Done words={doneWords} />
        <CaseLines dispute={dispute} invoice={invoice} />
        <section>
          <h3>Conversation</h3>
          <CaseTalk
            items={data.talk}
            customer={customer.name}
            supplier={data.supplier}
            currency={dispute.currency}
          />
        </section>
        {data.mayChange ? (
          <Compose key={dispute.id} {...{ tabs, tab, dispute, refused, path, said }} />
        ) : (
          <p className="small faint">You read as an auditor and change nothing.</p>
        )}
      </Case>
      <CaseSide {...data} path={path} wide={wide} />
    </>
  );
}

function About({ customer, invoice }: { customer: CaseFacts["customer"]; invoice: string }) {
  return (
    <>
      {customer.id === null ? (
        customer.name
      ) : (
        <Link to={`/finance/customers/${customer.id}`}>{customer.name}</Link>
      )}
      , invoice{" "}
      <Link className="nowrap" to={`/finance/audit?invoice=${encodeURIComponent(invoice)}`}>
        {invoice}
      </Link>
    </>
  );
}
