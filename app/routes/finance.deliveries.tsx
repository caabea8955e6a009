import { type ActionFunctionArgs, type LoaderFunctionArgs, redirect } from "@remix-run/node";
import { Form, Link, useLoaderData } from "@remix-run/react";
import { z } from "zod";
import { Button } from "#app/ui/button.tsx";
import { WorkBody, WorkHead } from "#app/frame/console-frame.tsx";
import { counted } from "#app/ui/counted.ts";
import { Dismiss } from "#app/deliveries/dismiss.tsx";
import { Done } from "#app/ui/done.tsx";
import { DeliveryState as State } from "#app/deliveries/delivery-state.tsx";
import { SelectField } from "#app/ui/field.tsx";
import { Tabs } from "#app/ui/filters.tsx";
import { LedgerTable, Row, RowLink, Td, Th } from "#app/ui/ledger-table.tsx";
import { ListPager } from "#app/ui/list-pager.tsx";
import { EmptyState } from "#app/ui/notice.tsx";
import { Block } from "#app/ui/page.tsx";
import { When } from "#app/ui/when.tsx";
import { consoleTitle } from "#app/frame/console-title.ts";
import { requireDesk, requireWorker } from "#app/access/console.server.ts";
import { submit } from "#app/http/http.server.ts";
import { DismissAllForm, dismissDeliveries } from "#server/deliveries/dismiss-deliveries.ts";
import { deliveryCounts, DeliveryState, listDeliveries } from "#db/queries/delivery-log.ts";
import { countOpenNotices } from "#db/queries/finance-notices.ts";
import { countUnmatched } from "#db/queries/unmatched.ts";

const pageSize = 50;

export const meta = consoleTitle("Deliveries");
const Query = z.object({
  connection: z.string().max(60).catch(""),
  state: DeliveryState.optional().catch(undefined),
  before: z.coerce.number().int().positive().optional().catch(undefined),
});

export async function loader({ request, context }: LoaderFunctionArgs) {
  const { scope } = await requireDesk(request, context);
  const { db, connections } = context;
  const asked = Query.parse(Object.fromEntries(new URL(request.url).searchParams));
  const { connection, state, before } = asked;
  const [rows, counts, unmatched] = await Promise.all([
    listDeliveries(db, { connection, state, before, limit: pageSize + 1 }),
    deliveryCounts(db),
    countUnmatched(db),
  ]);
  const deliveries = rows.slice(0, pageSize);
  const last = rows.length > pageSize ? deliveries.at(-1)?.id : undefined;
  return {
    connection,
    state,
    deliveries,
    counts,
    unmatched,
    notices: await countOpenNotices(db),
    last,
    mayChange: scope.mayChange,
    names: connections.list().map(({ id, name }) => ({ id, name })),
  };
}

export async function action({ request, context }: ActionFunctionArgs) {
  const { actor } = await requireWorker(request, context);
  return submit(request, DismissAllForm, async ({ connection, reason }) => {
    await dismissDeliveries(context, actor.source, { which: { connection }, reason });
    return redirect("/finance/deliveries?done=dismissed");
  });
}

const tabs = [
  [undefined, "Latest"],
  ["waiting", "Waiting"],
  ["dead", "Dead"],
  ["processed", "Processed"],
  ["dismissed", "Dismissed"],
] as const;

export default function Deliveries() {
  const { connection, state, deliveries, counts, unmatched, notices, last, names, mayChange } =
    useLoaderData<typeof loader>();
  const at = (query: { state?: string | undefined; before?: number }) => {
    const search = new URLSearchParams();
    if (connection !== "") search.set("connection", connection);
    if (query.state !== undefined) search.set("state", query.state);
    if (query.before !== undefined) search.set("before", String(query.before));
    return `?${search}`;
  };
  const hasErrors = deliveries.some(({ error }) => error !== null);
  return (
    <>
      <WorkHead title="Deliveries" summary={`${counts.waiting} waiting, ${counts.dead} dead`}>
        <Link className="small" to="/finance/deliveries/unmatched">
          {counted(unmatched, "change waits", "changes wait")} for{" "}
          {unmatched === 1 ? "its" : "their"} invoice
        </Link>
        <Link className="small" to="/finance/notices">
          {notices} to look at
        </Link>
      </WorkHead>
      <WorkBody>
        <Done words={{ dismissed: "Dismissed, and written to the ledger with the reason." }} />
        <Tabs
          label="Views"
          tabs={tabs.map(([key, label]) => ({
            to: at({ state: key }),
            label,
            current: state === key,
            count: key === "waiting" || key === "dead" ? counts[key] : undefined,
          }))}
        />
        <Form className="row searchline">
          {state === undefined ? null : <input type="hidden" name="state" value={state} />}
          <SelectField
            label="Connection"
            name="connection"
            defaultValue={connection}
            options={[["", "All connections"], ...names.map(({ id, name }) => [id, name] as const)]}
          />
          <Button>Show</Button>
        </Form>
        {deliveries.length === 0 ? (
          <EmptyState title="No delivery here" text="What a system sends shows up at once." />
        ) : (
          <LedgerTable caption="Deliveries" stacked>
            <thead>
              <tr>
                <Th>Delivery</Th>
                <Th>Connection</Th>
                <Th>State</Th>
                <Th numeric>Received</Th>
                <Th numeric>Bytes</Th>
                <Th numeric>Attempts</Th>
                <Th numeric>Events</Th>
                {hasErrors ? <Th>Why</Th> : null}
              </tr>
            </thead>
            <tbody>
              {deliveries.map((row) => (
                <Row key={row.id}>
                  <Td>
                    <RowLink to={`/finance/deliveries/${row.id}`}>{row.id}</RowLink>
                  </Td>
                  <Td phone="lead">{row.connection_id}</Td>
                  <Td>
                    <State row={row} />
                    {row.origin === "receive" ? null : <small>{row.origin}</small>}
                  </Td>
                  <Td numeric>
                    <When at={row.received_at} form="second" />
                  </Td>
                  <Td numeric phone="hidden">
                    {row.bytes.toLocaleString("en-GB")}
                  </Td>
                  <Td numeric phone="hidden">
                    {row.attempts}
                  </Td>
                  <Td numeric phone="hidden">
                    {eventsOf(row)}
                  </Td>
                  {hasErrors ? (
                    <Td phone="full">
                      {row.error === null ? null : <span className="late">{row.error}</span>}
                    </Td>
                  ) : null}
                </Row>
              ))}
            </tbody>
          </LedgerTable>
        )}
        <ListPager
          summary={counted(deliveries.length, "delivery", "deliveries")}
          next={last === undefined ? null : at({ state, before: last })}
        />
        {mayChange && state === "dead" && deliveries.length > 0 ? (
          <DismissAll connection={connection} />
        ) : null}
      </WorkBody>
    </>
  );
}

function DismissAll({ connection }: { connection: string }) {
  const of = connection === "" ? "" : ` of ${connection}`;
  return (
    <Block title="Nothing is to be done about them?">
      <Dismiss label={`Dismiss all dead deliveries${of}, because`}>
        <input type="hidden" name="connection" value={connection} />
      </Dismiss>
    </Block>
  );
}

function eventsOf({
  first_sequence: first,
  last_sequence: last,
}: Record<"first_sequence" | "last_sequence", number | null>) {
  if (first === null || last === null) return "–";
  return first === last ? first : `${first}–${last}`;
}
