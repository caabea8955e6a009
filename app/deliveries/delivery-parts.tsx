import { Form, Link } from "@remix-run/react";
import type { ReactNode } from "react";
import { Button } from "#app/ui/button.tsx";
import { Block } from "#app/ui/page.tsx";
import { EventShape } from "#app/invoices/timeline.tsx";
import { When } from "#app/ui/when.tsx";

interface Delivery {
  origin: string;
  dedupe_key: string;
  received_at: string;
  attempts: number;
  processed_at: string | null;
  dead_at: string | null;
  due_at: string | null;
  error: string | null;
}

type Step = { key: string; isBad?: true; words: ReactNode; about?: ReactNode; end?: ReactNode };

/** What happened to a delivery, step by step in its order. */
export function Happened({ delivery }: { delivery: Delivery }) {
  return (
    <ul className="checks">
      {[...arrival(delivery), ...outcome(delivery)].map(({ key, isBad, words, about, end }) => (
        <li key={key} className={isBad && "bad"}>
          <svg viewBox="0 0 16 16" aria-hidden="true">
            <path
              d={isBad ? "M3.5 3.5 12.5 12.5M12.5 3.5 3.5 12.5" : "M2.5 8.5 6.5 12.5 13.5 4"}
              fill="none"
              stroke="currentColor"
              strokeWidth="2"
            />
          </svg>
          <span>
            {words}
            {about === undefined ? null : <span className="checks__about">{about}</span>}
          </span>
          <span className="num faint">{end}</span>
        </li>
      ))}
    </ul>
  );
}

const unusable = "unusable:";

function arrival({ origin, dedupe_key, received_at }: Delivery): Step[] {
  const isUnusable = dedupe_key.startsWith(unusable);
  const key = isUnusable ? dedupe_key.slice(unusable.length) : dedupe_key;
  const answered = isUnusable ? "answered that it says nothing usable" : "answered";
  return [
    {
      key: "signature",
      words:
        origin === "simulation" ? "Simulated, and verified like any other" : "Signature verified",
      about: "Over the bytes as they came. What is not authentic stops at the door.",
    },
    { key: "new", words: "Not seen before", about: <span className="mono breakable">{key}</span> },
    {
      key: "stored",
      words: `On disk, then ${answered}`,
      end: <When at={received_at} form="clock_second" />,
    },
  ];
}

function outcome(delivery: Delivery): Step[] {
  const {
    attempts,
    error,
    origin,
    processed_at: processedAt,
    dead_at: deadAt,
    due_at: dueAt,
  } = delivery;
  const about = error === null ? undefined : <span className="breakable">{error}</span>;
  if (deadAt !== null) {
    const words = attempts === 0 ? "Given up" : `Given up after ${attemptsText(attempts)}`;
    return [{ key: "dead", isBad: true, words, about, end: <When at={deadAt} form="second" /> }];
  }
  if (processedAt !== null) {
    const which = attempts === 1 ? "first attempt" : attemptsText(attempts);
    const words = `${origin === "replay" ? "Replayed" : "Processed"}, ${which}`;
    return [{ key: "processed", words, end: <Later delivery={delivery} at={processedAt} /> }];
  }
  if (dueAt === null) return [];
  if (error === null) return [{ key: "waiting", words: "Waits to be processed" }];
  const words = `Failed, ${attemptsText(attempts)} so far`;
  const next = (
    <>
      next try <When at={dueAt} form="clock_second" />
    </>
  );
  return [{ key: "failed", isBad: true, words, about, end: next }];
}

function attemptsText(attempts: number): string {
  return attempts === 1 ? "1 attempt" : `${attempts.toLocaleString("en-GB")} attempts`;
}

/** How long after its arrival, while that is worth saying; else when. */
function Later({ delivery, at }: { delivery: Delivery; at: string }) {
  const ms = Date.parse(at) - Date.parse(delivery.received_at);
  if (ms >= 10_000) return <When at={at} form="second" />;
  return ms < 1 ? "under 1 ms" : `${ms.toLocaleString("en-GB")} ms`;
}

type Event = { sequence: number; type: string; sentence: string; invoice: string | null };

/** Events of the ledger in plain words; `isTried` for those that are not written. */
export function DerivedEvents({ events, isTried }: { events: readonly Event[]; isTried?: true }) {
  return (
    <ol className="timeline">
      {events.map(({ sequence, type, sentence, invoice }) => (
        <li key={sequence} className="event event--short">
          <span className="event__dot">
            <EventShape type={type} />
          </span>
          <div>
            <p>{sentence}</p>
            <small>
              {type}
              {invoice === null ? null : `, ${invoice}`}
            </small>
          </div>
          <span className="event__seq">{isTried ? "new" : sequence}</span>
        </li>
      ))}
    </ol>
  );
}

type Trial = {
  events: readonly Event[];
  waiting: number;
  rejected: readonly { at: string; reason: string }[];
};

/** Tries a replay and shows what it would write; only then it can be done for real. */
export function Replay({ trial, lastAt }: { trial: Trial | null; lastAt: string | null }) {
  return (
    <Block title="Replay">
      <p className="small soft">
        Runs the stored bytes through the present code and shows what would change. Nothing is
        written before you say so, and a replay mails nobody and writes nothing back.
      </p>
      {trial === null ? null : (
        <div className="replay__trial" role="status">
          <TrialWords trial={trial} />
        </div>
      )}
      <Form method="post" className="row case__take">
        <Button name="do" value="try">
          {trial === null ? "Try a replay" : "Try again"}
        </Button>
        {trial === null || trial.events.length === 0 ? null : (
          <Button look="main" name="do" value="replay">
            Replay for real
          </Button>
        )}
        {lastAt === null ? null : (
          <span className="tiny faint">
            Last: <When at={lastAt} form="second" />
          </span>
        )}
      </Form>
    </Block>
  );
}

function TrialWords({ trial }: { trial: Trial }) {
  const { events, waiting, rejected } = trial;
  if (events.length + waiting + rejected.length === 0) {
    return <p className="small medium">No difference: the ledger knows all of it.</p>;
  }
  return (
    <>
      {events.length === 0 ? null : (
        <>
          <p className="small medium">
            {events.length === 1 ? "1 event" : `${events.length} events`} would be written.
          </p>
          <DerivedEvents events={events} isTried />
        </>
      )}
      {rejected.map(({ at, reason }) => (
        <p key={at} className="small late breakable">
          Not used: {at}: {reason}
        </p>
      ))}
      {waiting === 0 ? null : (
        <p className="small">
          {waiting === 1 ? "1 change waits" : `${waiting} changes wait`} for an invoice that no
          system has described. <Link to="/finance/deliveries/unmatched">See what waits</Link>
        </p>
      )}
    </>
  );
}
