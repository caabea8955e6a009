import { type ActionFunctionArgs, type LoaderFunctionArgs, redirect } from "@remix-run/node";
import type { MetaFunction } from "@remix-run/node";
import { Form, Link, useLoaderData } from "@remix-run/react";
import { z } from "zod";
import { useAnswer } from "#app/ui/answer.ts";
import { Button } from "#app/ui/button.tsx";
import { Checkpoints } from "#app/audit/checkpoints.tsx";
import { WorkBody, WorkHead } from "#app/frame/console-frame.tsx";
import { counted } from "#app/ui/counted.ts";
import { Done } from "#app/ui/done.tsx";
import { Field, SelectField } from "#app/ui/field.tsx";
import { FormError } from "#app/ui/form.tsx";
import { LedgerTable, Row, Td, Th } from "#app/ui/ledger-table.tsx";
import { ListPager } from "#app/ui/list-pager.tsx";
import { EmptyState, Notice } from "#app/ui/notice.tsx";
import { CustomerPicker } from "#app/ui/picker.tsx";
import { TwoTimes } from "#app/ui/two-times.tsx";
import { LedgerVerdict } from "#app/audit/ledger-verdict.tsx";
import { consoleTitle } from "#app/frame/console-title.ts";
import { requireDesk, requireWorker } from "#app/access/console.server.ts";
import { submit } from "#app/http/http.server.ts";
import { shownEvents } from "#app/audit/shown-events.server.ts";
import { eventRowsBefore } from "#db/queries/audit-log.ts";
import { latestCheckpoints } from "#db/queries/checkpoints.ts";
import { findCustomer } from "#db/queries/customers.ts";
import { headSequence } from "#db/queries/live.ts";
import { readPublicKey } from "#db/queries/signing-key.ts";
import { EventTypes } from "#domain/event.ts";
import { compareFingerprint, readFingerprint } from "#domain/fingerprint.ts";
import { startOfDay } from "#domain/time.ts";
import { auditedCustomer, auditFilter, AuditQuery } from "#server/audit/audit-filter.ts";
import { makeCheckpoint } from "#server/proofs/make-checkpoint.ts";
import { lastVerification, startVerification } from "#server/audit/verification.ts";

const pageSize = 50;
const Before = z.coerce.number().int().positive().optional().catch(undefined);
/** A record that somebody checks, by its number and fingerprint. */
const Checked = z.object({
  sequence: z.coerce.number().int().positive(),
  hash: z.string().transform(readFingerprint),
});
const AuditForm = z.object({ do: z.enum(["verify", "checkpoint"]) });
const shownCheckpoints = 5;

const auditTitle = consoleTitle<typeof loader>("Audit");

/** While the ledger is verified the page loads itself again each second, with and without JavaScript. */
export const meta: MetaFunction<typeof loader> = (args) => [
  ...(auditTitle(args) ?? []),
  ...(args.data?.verification?.state === "running" ? [{ httpEquiv: "refresh", content: "1" }] : []),
];

export async function loader({ request, context }: LoaderFunctionArgs) {
  const { scope, supplier, locale, timeZone, today } = await requireDesk(request, context);
  const { db } = context;
  const given = Object.fromEntries(new URL(request.url).searchParams);
  const query = AuditQuery.parse(given);
  const checked = Checked.safeParse(given).data;
  const before = checked ? checked.sequence + 1 : Before.parse(given["before"]);
  const filter = await auditFilter(db, query, (day) => startOfDay(day, supplier.timeZone));
  const page = { before, limit: pageSize + 1 };
  const { rows, searchedTo } = await eventRowsBefore(db, filter, page);
  const shown = rows.slice(0, pageSize);
  const reader = { locale, timeZone, today };
  return {
    query,
    verdict: checked ? verdictOn(checked, shown[0]) : null,
    head: await headSequence(db),
    customer: (await findCustomer(db, (await auditedCustomer(db, query)) ?? "")) ?? null,
    verification: lastVerification(context),
    checkpoints: (await latestCheckpoints(db, shownCheckpoints)).map((checkpoint) => ({
      size: checkpoint.size,
      createdAt: checkpoint.created_at,
      root: checkpoint.note.split("\n")[2] ?? "",
    })),
    publicKey: (await readPublicKey(db)) ?? null,
    mayMake: scope.mayChange,
    types: EventTypes,
    searchedTo,
    last: rows.length > pageSize ? (shown.at(-1)?.sequence ?? null) : searchedTo,
    events: await shownEvents(db, shown, reader),
  };
}

/** Whether the first of the shown rows is the record that is checked, unchanged. */
function verdictOn(
  { sequence, hash }: z.output<typeof Checked>,
  first: { sequence: number; hash: string } | undefined,
) {
  if (first?.sequence !== sequence) return { tone: "late" as const, ...checkWords.unknown };
  const compared = compareFingerprint(first.hash, hash);
  return {
    tone: compared === "same" ? ("done" as const) : ("late" as const),
    ...checkWords[compared],
  };
}

const checkWords = {
  unknown: { title: "The ledger has no record with this number." },
  same: { title: "This is the record, unchanged. It is the first of the list below." },
  different: { title: "This fingerprint is not that of the record below." },
  short: { title: "This fingerprint is too short to compare." },
};

/** Reading the ledger again changes nothing, so an auditor may ask for it; a checkpoint is recorded. */
export async function action({ request, context }: ActionFunctionArgs) {
  await requireDesk(request, context);
  return submit(request, AuditForm, async (form) => {
    if (form.do === "verify") startVerification(context);
    else await makeCheckpoint(context, (await requireWorker(request, context)).actor.source);
    const { searchParams } = new URL(request.url);
    searchParams.delete("done");
    if (form.do === "checkpoint") searchParams.set("done", form.do);
    return redirect(`/finance/audit?${searchParams}`);
  });
}

export default function Audit() {
  const loaded = useLoaderData<typeof loader>();
  const { query, verdict, head, verification, last, searchedTo, events } = loaded;
  const refused = useAnswer<typeof action>();
  const search = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== ""));
  const next = new URLSearchParams(search);
  if (last !== null) next.set("before", String(last));
  return (
    <>
      <WorkHead title="Audit" summary={`${counted(head, "event")} in the ledger`}>
        <Form
          method="post"
          action={`/finance/audit/export?${search}`}
          className="row"
          reloadDocument
        >
          <button className="linklike small" name="format" value="csv">
            Export CSV
          </button>
          <button className="linklike small" name="format" value="jsonl">
            Export JSON Lines
          </button>
        </Form>
      </WorkHead>
      <WorkBody>
        <Done words={{ checkpoint: "The checkpoint is signed and recorded." }} />
        {refused ? <FormError>{refused.message}</FormError> : null}
        {verdict === null ? null : <Notice {...verdict} />}
        <LedgerVerdict verification={verification} />
        <Checkpoints {...loaded} />
        <Filters />
        {events.length > 0 ? <Events events={events} /> : null}
        {events.length === 0 && searchedTo === null ? (
          <EmptyState title="No event fits" text="Ask for less: a longer time, or all types." />
        ) : null}
        {searchedTo === null ? null : (
          <p className="small soft audit__searched">
            Looked back to event {searchedTo}; what is older is on the next page.
          </p>
        )}
        <ListPager
          summary={counted(events.length, "event")}
          next={last === null ? null : `?${next}`}
        />
      </WorkBody>
    </>
  );
}

type Loaded = ReturnType<typeof useLoaderData<typeof loader>>;

function Filters() {
  const { query, customer, types } = useLoaderData<typeof loader>();
  return (
    <Form className="row searchline searchline--many">
      <SelectField
        label="Type"
        name="type"
        defaultValue={query.type}
        options={[["", "All types"], ...types.map((type) => [type, type] as const)]}
      />
      <CustomerPicker chosen={customer} key={customer?.id} />
      <Field label="Invoice" name="invoice" defaultValue={query.invoice} />
      <Field label="From" name="from" type="date" defaultValue={query.from} />
      <Field label="Until" name="until" type="date" defaultValue={query.until} />
      <Button>Show</Button>
    </Form>
  );
}

function Events({ events }: Pick<Loaded, "events">) {
  return (
    <LedgerTable caption="Events, newest first" plain stacked>
      <thead>
        <tr>
          <Th numeric>Sequence</Th>
          <Th>Event</Th>
          <Th>Invoice</Th>
          <Th>Caused by</Th>
          <Th>When</Th>
          <Th>Data</Th>
          <Th>Hash</Th>
        </tr>
      </thead>
      <tbody>
        {events.map((event) => (
          <Row key={event.sequence}>
            <Td numeric phone="lead">
              {event.sequence}
            </Td>
            <Td phone="full">
              {event.type}
              <small>{event.audience === "supplier" ? "finance only" : "for the customer"}</small>
            </Td>
            <Td>
              <span className="nowrap">{event.number ?? "–"}</span>
            </Td>
            <Td>{event.source}</Td>
            <Td>
              <TwoTimes occurredAt={event.occurredAt} recordedAt={event.recordedAt} />
            </Td>
            <Td phone="full">
              {event.data === null ? (
                <span className="faint">erased</span>
              ) : (
                <details>
                  <summary className="small breakable">{event.summary}</summary>
                  <pre className="raw">{event.data}</pre>
                </details>
              )}
            </Td>
            <Td phone="hidden" tone="faint">
              <Link
                className="mono tiny"
                to={`/finance/audit/proof?event=${event.sequence}`}
                title={`Download a proof of ${event.hash}`}
                reloadDocument
              >
                {event.hash.slice(0, 12)}
              </Link>
            </Td>
          </Row>
        ))}
      </tbody>
    </LedgerTable>
  );
}
