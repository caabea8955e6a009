import { type ActionFunctionArgs, type LoaderFunctionArgs, redirect } from "@remix-run/node";
import { Form, Link, useLoaderData } from "@remix-run/react";
import { z } from "zod";
import { useAnswer } from "#app/ui/answer.ts";
import { Button } from "#app/ui/button.tsx";
import { WorkBody, WorkHead } from "#app/frame/console-frame.tsx";
import { Pairs } from "#app/ui/facts.tsx";
import { Field } from "#app/ui/field.tsx";
import { outboxWords } from "#app/words/event-words.ts";
import { LedgerTable, Row, Td, Th } from "#app/ui/ledger-table.tsx";
import { Notice } from "#app/ui/notice.tsx";
import { Block } from "#app/ui/page.tsx";
import { RowTransport } from "#app/outbox/sent-on.tsx";
import { When } from "#app/ui/when.tsx";
import { Done } from "#app/ui/done.tsx";
import { consoleTitle } from "#app/frame/console-title.ts";
import { requireDesk, requireWorker } from "#app/access/console.server.ts";
import { found, submit } from "#app/http/http.server.ts";
import { attemptsOf, blockerOf, findOutbox } from "#db/queries/outbox-log.ts";
import { retryRow } from "#server/outbox/retry-outbox.ts";
import { sentRow } from "#server/outbox/sent-row.ts";
import { shownPayload } from "#server/deliveries/shown-payload.ts";
import { SkipForm, skipRow } from "#server/outbox/skip-outbox.ts";

const doneWords = {
  retry: "It is tried again now.",
  skip: "Skipped, and written to the ledger with the reason.",
};

export const meta = consoleTitle<typeof loader>(({ row }) => outboxWords(row));

const RowForm = z.discriminatedUnion("do", [z.object({ do: z.literal("retry") }), SkipForm]);

export async function loader({ request, params, context }: LoaderFunctionArgs) {
  const { scope } = await requireDesk(request, context);
  const { db } = context;
  const row = found(await findOutbox(db, found(params.id)));
  const [attempts, blocker] = await Promise.all([attemptsOf(db, row.id), blockerOf(db, row)]);
  return {
    row: { ...sentRow(row), onceKey: row.once_key, orderKey: row.order_key },
    payload: shownPayload(row),
    receipt: row.receipt === null ? null : JSON.stringify(JSON.parse(row.receipt), null, 2),
    attempts,
    blocker: row.done_at === null && row.kind === "writeback" ? (blocker ?? null) : null,
    mayChange: scope.mayChange,
  };
}

export async function action({ request, params, context }: ActionFunctionArgs) {
  const { actor } = await requireWorker(request, context);
  const { source } = actor;
  const id = found(params.id);
  return submit(request, RowForm, async (form) => {
    if (form.do === "retry") await retryRow(context, source, id);
    else await skipRow(context, source, { id, reason: form.reason });
    return redirect(`/finance/outbox/${id}?done=${form.do}`);
  });
}

export default function OutboxRowPage() {
  const { row, payload, receipt, attempts, blocker, mayChange } = useLoaderData<typeof loader>();
  const refused = useAnswer<typeof action>();
  const isParked = row.parked && !row.done;
  return (
    <>
      <WorkHead title={outboxWords(row)} summary={<Link to="/finance/outbox">‹ Outbox</Link>} />
      <WorkBody>
        <Done words={doneWords} />
        {refused ? <Notice tone="late" title={refused.message} /> : null}
        {blocker === null ? null : (
          <Notice tone="question" title="It waits for an earlier row of the same invoice.">
            <Link to={`/finance/outbox/${blocker.id}`}>See what it waits for</Link>
          </Notice>
        )}
        <div className="two two--answer">
          <div>
            <Block title="Every attempt">
              <Attempts attempts={attempts} />
            </Block>
            <Block title="What is sent">
              <pre className="raw">{payload}</pre>
            </Block>
          </div>
          <div>
            <Block title="Row">
              <RowFacts row={row} />
            </Block>
            {receipt === null ? null : (
              <Block title="Receipt">
                <pre className="raw">{receipt}</pre>
              </Block>
            )}
            {!row.parked && !row.done && mayChange ? <SendNow /> : null}
            {isParked && mayChange ? (
              <Decide refused={refused?.values["do"] === "skip" ? refused : undefined} />
            ) : null}
          </div>
        </div>
      </WorkBody>
    </>
  );
}

type Loaded = ReturnType<typeof useLoaderData<typeof loader>>;

function RowFacts({ row }: Pick<Loaded, "row">) {
  const facts = [
    { term: "Transport", value: <RowTransport row={row} /> },
    { term: "To", value: <span className="breakable">{row.target}</span> },
    { term: "Event", value: row.sequence ?? "–" },
    { term: "Queued", value: <When at={row.createdAt} form="second" /> },
    { term: "Attempts", value: row.attempts },
    {
      term: "Next try",
      value: row.done || row.parked ? "–" : <When at={row.dueAt} form="second" />,
    },
    { term: "Last answer", value: <span className="breakable">{row.answer ?? "–"}</span> },
    { term: "Done once by", value: <span className="mono breakable">{row.onceKey}</span> },
  ];
  return <Pairs lined facts={facts} />;
}

function Attempts({ attempts }: Pick<Loaded, "attempts">) {
  if (attempts.length === 0) return <p className="small faint">Not tried yet.</p>;
  return (
    <LedgerTable caption="Attempts" plain stacked>
      <thead>
        <tr>
          <Th>When</Th>
          <Th>Outcome</Th>
          <Th>Answer</Th>
          <Th numeric>ms</Th>
        </tr>
      </thead>
      <tbody>
        {attempts.map((attempt) => (
          <Row key={attempt.id}>
            <Td>
              <When at={attempt.at} form="second" />
            </Td>
            <Td phone="lead">{attempt.outcome}</Td>
            <Td phone="full">
              <span className="breakable">{attempt.answer}</span>
            </Td>
            <Td numeric label="ms">
              {attempt.duration_ms.toLocaleString("en-GB")}
            </Td>
          </Row>
        ))}
      </tbody>
    </LedgerTable>
  );
}

function SendNow() {
  return (
    <Block title="It waits for its next try">
      <Form method="post" className="case__take">
        <input type="hidden" name="do" value="retry" />
        <Button>Send now</Button>
      </Form>
    </Block>
  );
}

type Refused = { values: Record<string, string>; errors: Record<string, string> };

function Decide({ refused }: { refused: Refused | undefined }) {
  return (
    <Block title="Needs a person">
      <p className="small soft">Try it again once the cause is gone.</p>
      <Form method="post" className="case__take">
        <input type="hidden" name="do" value="retry" />
        <Button look="main">Retry</Button>
      </Form>
      <Form method="post" className="stack-4 decide">
        <input type="hidden" name="do" value="skip" />
        <Field
          label="Or give it up, because"
          name="reason"
          required
          maxLength={300}
          hint="For good: it is not sent, and what waits behind it goes on. The reason is kept in the audit log."
          defaultValue={refused?.values["reason"] ?? ""}
          error={refused?.errors["reason"]}
        />
        <p>
          <Button look="danger">Skip this row</Button>
        </p>
      </Form>
    </Block>
  );
}
