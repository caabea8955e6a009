import { Form, Link, useLocation } from "@remix-run/react";
import { AskFirst } from "#app/ui/ask-first.tsx";
import { Button } from "#app/ui/button.tsx";
import { Side } from "./desk.tsx";
import { Pairs, type Fact } from "#app/ui/facts.tsx";
import { Money } from "#app/ui/money.tsx";
import { type Clock, ResponseClockBar } from "./response-clock.tsx";
import { SentOn, type SentRow } from "#app/outbox/sent-on.tsx";
import { When } from "#app/ui/when.tsx";

type Sums = {
  currency: string;
  open: number;
  late_1_30: number;
  late_31_60: number;
  late_61_90: number;
  late_over_90: number;
};

export interface CaseFacts {
  dispute: {
    isOpen: boolean;
    openedBy: string;
    openedAt: string;
    dueAt: string;
    processor: string | null;
    processorId: string | null;
    /** For finance alone. */
    rootCause: string | null;
    customerReference: string | null;
    isCreditPending: boolean;
  };
  invoice: { owner: string; dueOn: string | null };
  customer: { id: string | null; name: string };
  clock: Clock;
  used: number;
  mayChange: boolean;
  isMine: boolean;
  sent: readonly SentRow[];
  ageing: readonly Sums[];
  outcomes: readonly { state: string; count: number }[];
}

/** The third column of a case: clocks, who works it, the customer in figures, transport. */
export function CaseSide({
  path,
  wide,
  ...facts
}: CaseFacts & { path: string; wide?: true | undefined }) {
  const { dispute, clock, used, sent } = facts;
  return (
    <Side label="Facts" wide={wide}>
      <section>
        <h3>Clocks</h3>
        <ResponseClockBar clock={clock} dueAt={dispute.dueAt} used={used} />
      </section>
      <section>
        <h3>Case</h3>
        <Pairs facts={caseFacts(facts)} />
        {facts.mayChange && dispute.isOpen ? <WhoWorks facts={facts} path={path} /> : null}
      </section>
      <section>
        <h3>Customer</h3>
        <CustomerFacts {...facts} />
      </section>
      <section>
        <h3>Transport</h3>
        <SentOn rows={sent} />
      </section>
    </Side>
  );
}

function caseFacts({ dispute, invoice }: CaseFacts): Fact[] {
  const facts: Fact[] = [
    { term: "Works on it", value: dispute.processor ?? <span className="faint">Nobody yet</span> },
    { term: "Opened by", value: dispute.openedBy },
    { term: "Opened", value: <When at={dispute.openedAt} /> },
    { term: "System", value: invoice.owner },
  ];
  if (invoice.dueOn !== null) {
    facts.push({ term: "Invoice due", value: <When at={invoice.dueOn} form="date" /> });
  }
  if (dispute.customerReference !== null) {
    facts.push({ term: "Their reference", value: dispute.customerReference });
  }
  if (dispute.rootCause !== null) {
    facts.push({ term: "Root cause", value: dispute.rootCause });
  }
  if (dispute.isCreditPending) {
    facts.push({ term: "Credit", value: "pending until the system shows it" });
  }
  return facts;
}

/** Taking it from a colleague is asked about first. */
function WhoWorks({ facts: { dispute, isMine }, path }: { facts: CaseFacts; path: string }) {
  const { search } = useLocation();
  const { processor, processorId } = dispute;
  const fields = { do: isMine ? "give_back" : "take", from: processorId ?? "" };
  if (processor !== null && !isMine) {
    return (
      <AskFirst
        label="Take it over"
        question={`${processor} works on it. It is yours then, and leaves their queue.`}
        sure={`Take it from ${processor}`}
        action={path + search}
        fields={fields}
      />
    );
  }
  return (
    <Form method="post" action={path + search} className="case__take" id="take">
      <input type="hidden" name="do" value={fields.do} />
      <input type="hidden" name="from" value={fields.from} />
      <Button look="plain">{isMine ? "Give back" : "Take this dispute"}</Button>
    </Form>
  );
}

function CustomerFacts({ customer, ageing, outcomes }: CaseFacts) {
  if (customer.id === null) {
    return (
      <p className="small">
        Nobody sees this invoice yet. <Link to="/finance/records">Link the customer record</Link>
      </p>
    );
  }
  const facts: Fact[] = ageing.flatMap((sums) => {
    const late = sums.late_1_30 + sums.late_31_60 + sums.late_61_90 + sums.late_over_90;
    const money = (amount: number) => <Money amount={amount} currency={sums.currency} />;
    return [
      { term: `Overdue, ${sums.currency}`, value: money(late) },
      { term: `Open, ${sums.currency}`, value: money(sums.open) },
    ];
  });
  const all = outcomes.reduce((sum, { count }) => sum + count, 0);
  const valid = outcomes.find(({ state }) => state === "resolved")?.count ?? 0;
  facts.push({ term: "Disputes, 12 months", value: `${all}, ${valid} valid` });
  return (
    <>
      <Pairs facts={facts} />
      <p className="sec__links">
        <Link to={`/finance/customers/${customer.id}`}>Everything about them</Link>
      </p>
    </>
  );
}
