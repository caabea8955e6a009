import { type ActionFunctionArgs, type LoaderFunctionArgs, redirect } from "@remix-run/node";
import { Form, Link, useLoaderData } from "@remix-run/react";
import { z } from "zod";
import { useAnswer } from "#app/ui/answer.ts";
import { Button } from "#app/ui/button.tsx";
import { WorkBody, WorkHead } from "#app/frame/console-frame.tsx";
import { Tabs } from "#app/ui/filters.tsx";
import { outboxWords } from "#app/words/event-words.ts";
import { ActionTh, LedgerTable, Row, RowLink, Td, Th } from "#app/ui/ledger-table.tsx";
import { ListPager } from "#app/ui/list-pager.tsx";
import { EmptyState, Notice } from "#app/ui/notice.tsx";
import { Block } from "#app/ui/page.tsx";
import { RowTransport } from "#app/outbox/sent-on.tsx";
import { TransportMark } from "#app/outbox/transport-mark.tsx";
import { When } from "#app/ui/when.tsx";
import { counted } from "#app/ui/counted.ts";
import { Done } from "#app/ui/done.tsx";
import { consoleTitle } from "#app/frame/console-title.ts";
import { requireDesk, requireWorker } from "#app/access/console.server.ts";
import { submit } from "#app/http/http.server.ts";
import { blocksOf } from "#db/queries/outbox-blocks.ts";
import { numbersOf } from "#db/queries/audit-log.ts";
import { listOutbox, outboxCounts, OutboxView } from "#db/queries/outbox-log.ts";
import { startOfDay } from "#domain/time.ts";
import { retryRow } from "#server/outbox/retry-outbox.ts";
import { sentRow } from "#server/outbox/sent-row.ts";

const pageSize = 50;

export const meta = consoleTitle("Outbox");
const Query = z.object({
  view: OutboxView.catch("latest"),
  before: z
    .string()
    .regex(/^[^~]+~[^~]+$/)
    .optional()
    .catch(undefined),
});
const RetryForm = z.object({ do: z.literal("retry"), row: z.string().min(1) });

export async function loader({ request, context }: LoaderFunctionArgs) {
  const { scope, today, supplier } = await requireDesk(request, context);
  const { view, before } = Query.parse(Object.fromEntries(new URL(request.url).searchParams));
  const [createdAt = "", id = ""] = before?.split("~") ?? [];
  const dayStart = startOfDay(today, supplier.timeZone);
  const page = { view, dayStart, limit: pageSize + 1 };
  const asked = before === undefined ? page : { ...page, before: { createdAt, id } };
  const rows = await listOutbox(context.db, asked);
  const shown = rows.slice(0, pageSize);
  const last = rows.length > pageSize ? shown.at(-1) : undefined;
  const ids = shown.flatMap(({ invoice_id }) => invoice_id ?? []);
  const blocks = await blocksOf(context.db, shown);
  const numbers = await numbersOf(context.db, [...new Set(ids)]);
  return {
    view,
    counts: await outboxCounts(context.db, dayStart),
    rows: shown.map((row) => ({
      ...sentRow(row),
      block: blocks.get(row.id) ?? null,
      invoice: numbers.get(row.invoice_id ?? "") ?? null,
    })),
    last: last ? `${last.created_at}~${last.id}` : null,
    mayChange: scope.mayChange,
  };
}

export async function action({ request, context }: ActionFunctionArgs) {
  const { actor } = await requireWorker(request, context);
  const { source } = actor;
  return submit(request, RetryForm, async ({ row }) => {
    await retryRow(context, source, row);
    const { searchParams } = new URL(request.url);
    searchParams.set("done", "retry");
    return redirect(`/finance/outbox?${searchParams}`);
  });
}

export default function Outbox() {
  const { view, counts, rows, last, mayChange } = useLoaderData<typeof loader>();
  const refused = useAnswer<typeof action>();
  const tabs = [
    { key: "latest", label: "Latest" },
    { key: "person", label: "Needs a person", count: counts.person },
    { key: "waiting", label: "Waiting", count: counts.waiting },
    { key: "delivered", label: "Delivered today", count: counts.delivered },
    { key: "mail", label: "Mail" },
    { key: "writeback", label: "Write-back" },
  ];
  const summary = `${counts.person} parked, ${counts.waiting} waiting, ${counts.delivered.toLocaleString("en-GB")} delivered today`;
  return (
    <>
      <WorkHead title="Outbox" summary={summary} />
      <WorkBody>
        <Done words={{ retry: "It is tried again now." }} />
        {refused ? <Notice tone="late" title={refused.message} /> : null}
        <Tabs
          label="Views"
          tabs={tabs.map(({ key, ...tab }) => ({
            ...tab,
            to: `?view=${key}`,
            current: view === key,
          }))}
        />
        {rows.length === 0 ? (
          <EmptyState title="Nothing here" />
        ) : (
          <OutboxRows rows={rows} mayChange={mayChange} />
        )}
        <ListPager
          summary={counted(rows.length, "row")}
          next={last === null ? null : `?view=${view}&before=${encodeURIComponent(last)}`}
        />
        <FourSteps />
      </WorkBody>
    </>
  );
}

type Loaded = ReturnType<typeof useLoaderData<typeof loader>>;

function OutboxRows({ rows, mayChange }: Pick<Loaded, "rows" | "mayChange">) {
  return (
    <LedgerTable caption="Outbox" stacked>
      <thead>
        <tr>
          <Th>What</Th>
          <Th>To</Th>
          <Th>Transport</Th>
          <Th numeric>Attempts</Th>
          <Th numeric>Next try</Th>
          <Th>Last answer</Th>
          <ActionTh />
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <Row key={row.id}>
            <Td phone="full">
              <RowLink to={`/finance/outbox/${row.id}`}>
                {outboxWords(row)}
                {row.invoice === null ? null : `, ${row.invoice}`}
              </RowLink>
              <small>{row.sequence === null ? "no event" : `event ${row.sequence}`}</small>
            </Td>
            <Td phone="full">
              <span className="breakable">{row.target}</span>
            </Td>
            <Td phone="full">
              <RowTransport row={row} />
            </Td>
            <Td numeric phone="lead" label="Attempts">
              {row.attempts}
            </Td>
            <Td numeric label="Next">
              <NextTry row={row} />
            </Td>
            <Td phone="full">
              {row.parked ? <span className="late">{row.answer}</span> : row.answer}
              <small>
                <When at={row.updatedAt} form="second" />
              </small>
            </Td>
            <Td>{!row.done && mayChange ? <SendNow row={row.id} parked={row.parked} /> : null}</Td>
          </Row>
        ))}
      </tbody>
    </LedgerTable>
  );
}

/** When it is tried next, what it waits for, or how many wait for it. */
function NextTry({ row }: { row: Loaded["rows"][number] }) {
  if (row.done) return <>–</>;
  const { blockedBy = null, behind = 0 } = row.block ?? {};
  if (blockedBy !== null) {
    return <Link to={`/finance/outbox/${blockedBy}`}>Waits for an earlier one</Link>;
  }
  if (!row.parked) return <When at={row.dueAt} form="second" />;
  return (
    <>{behind === 0 ? "–" : behind === 1 ? "1 waits behind it" : `${behind} wait behind it`}</>
  );
}

function SendNow({ row, parked }: { row: string; parked: boolean }) {
  return (
    <Form method="post">
      <input type="hidden" name="do" value="retry" />
      <input type="hidden" name="row" value={row} />
      <Button>{parked ? "Retry" : "Send now"}</Button>
    </Form>
  );
}

const steps = [
  ["queued", "Committed with its event. It cannot be lost."],
  ["sent", "Handed over. Nobody can say yet whether it arrived."],
  ["accepted", "They answered, with their own number."],
  ["read_back", "We looked, and it is what we wrote."],
  ["refused", "They said no. A person has to look."],
] as const;

function FourSteps() {
  return (
    <Block title="The four steps">
      <dl className="pairs pairs--lined pairs--start measure">
        {steps.map(([state, value]) => (
          <div key={state}>
            <dt>
              <TransportMark state={state} />
            </dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Block>
  );
}
