import type { ProvedEvent, Report } from "./verifier.ts";
import { Pairs } from "#app/ui/facts.tsx";
import { Section } from "#app/ui/page.tsx";
import { StatusShape } from "#app/ui/status-mark.tsx";
import { When } from "#app/ui/when.tsx";
import { eventWords } from "#app/words/words.ts";

const shownEvents = 100;

/** What checking a file found: the answer first, then what it proves, what not, and the events. */
export function FileReport({ report }: { report: Report }) {
  const { ok, sentence, proved, unproved, events } = report;
  return (
    <>
      <Section title="Result">
        <div className="stack-4">
          <p className={ok ? "verdict money" : "verdict late"} role="status">
            <StatusShape status={ok ? "paid" : "overdue"} />
            <span>{ok ? "Unchanged since it was recorded" : "Not what was recorded"}</span>
          </p>
          {ok ? null : <p>{sentence}</p>}
          {ok ? null : (
            <p className="soft">
              Keep this file and show it to your auditor. Nothing was sent anywhere.
            </p>
          )}
          <Found title="Proved" found={proved} status="paid" />
          <Found title="Not proved" found={unproved} status="open" />
        </div>
      </Section>
      {events.length === 0 ? null : (
        <Section title={events.length === 1 ? "The event" : "The events"}>
          <div className="stack-4">
            {events.slice(0, shownEvents).map((event) => (
              <Event key={event.header.sequence} event={event} />
            ))}
          </div>
          {events.length > shownEvents ? (
            <p className="small soft">
              And {(events.length - shownEvents).toLocaleString("en-GB")} more in the file.
            </p>
          ) : null}
        </Section>
      )}
    </>
  );
}

function Found({
  title,
  found,
  status,
}: {
  title: string;
  found: string[];
  status: "paid" | "open";
}) {
  if (found.length === 0) return null;
  return (
    <div>
      <h3 className="small">{title}</h3>
      <ul className={status === "open" ? "checks checks--open" : "checks"}>
        {found.map((each) => (
          <li key={each}>
            <StatusShape status={status} />
            <span>{each}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Event({ event: { header, hash, data } }: { event: ProvedEvent }) {
  const type = header.type.replace(/@\d+$/, "");
  const words = Object.entries(eventWords).find(([each]) => each === type)?.[1] ?? type;
  const facts = [
    { term: "Number", value: header.sequence.toLocaleString("en-GB") },
    { term: "What", value: words },
    { term: "Happened", value: <When at={header.occurredAt} form="second" zone /> },
    { term: "Recorded", value: <When at={header.recordedAt} form="second" zone /> },
    { term: "Fingerprint", value: <span className="hash">{hash}</span> },
  ];
  return (
    <div className="stack-4">
      <Pairs lined facts={facts} />
      {data === null ? (
        <p className="small faint">Its data is not in this file.</p>
      ) : (
        <details>
          <summary className="small">All that was recorded</summary>
          <pre className="raw">{JSON.stringify(data, null, 2)}</pre>
        </details>
      )}
    </div>
  );
}
