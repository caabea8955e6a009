import type { LoaderFunctionArgs } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { ButtonLink } from "#app/components/button.tsx";
import { WorkBody, WorkHead } from "#app/components/console-frame.tsx";
import { HealthMark } from "#app/components/health-mark.tsx";
import { HourBars } from "#app/components/hour-bars.tsx";
import { LedgerTable, Row, RowLink, Td, Th } from "#app/components/ledger-table.tsx";
import { EmptyState } from "#app/components/notice.tsx";
import { Block } from "#app/components/page.tsx";
import { span } from "#app/components/response-clock.tsx";
import { When } from "#app/components/when.tsx";
import { requireDesk } from "#app/console.server.ts";
import { refusals } from "#db/queries/connection-health.ts";
import { dayMs, plusMs } from "#server/domain/time.ts";
import { connectionsWithHealth } from "#server/finance/connection-health.ts";

export async function loader({ request, context }: LoaderFunctionArgs) {
  const { scope, now } = await requireDesk(request, context);
  const [connections, refused] = await Promise.all([
    connectionsWithHealth(context),
    refusals(context.db, plusMs(now, -dayMs)),
  ]);
  return {
    now,
    refused,
    isAdministrator: scope.role === "administrator",
    connections,
  };
}

export default function Connections() {
  const { now, refused, isAdministrator, connections } = useLoaderData<typeof loader>();
  const counts = ["working", "slow", "silent", "paused"].map((health) => {
    const count = connections.filter((connection) => connection.health === health).length;
    return `${count} ${health}`;
  });
  const names = new Map(connections.map(({ id, name }) => [id, name]));
  return (
    <>
      <WorkHead title="Connections" summary={counts.join(", ")}>
        {isAdministrator ? (
          <ButtonLink to="/finance/connections/new">Add a connection</ButtonLink>
        ) : null}
      </WorkHead>
      <WorkBody>
        {connections.length === 0 ? (
          <EmptyState
            title="No system is connected"
            text="Connect the system that writes your invoices first."
          />
        ) : (
          <List connections={connections} now={now} />
        )}
        <Block title="Refused at the door" note="Not authenticated, the last 50 samples are kept">
          <Refused refused={refused} names={names} />
        </Block>
      </WorkBody>
    </>
  );
}

type Loaded = ReturnType<typeof useLoaderData<typeof loader>>;

function List({ connections, now }: Pick<Loaded, "connections" | "now">) {
  return (
    <LedgerTable caption="Connections" stacked>
      <thead>
        <tr>
          <Th>System</Th>
          <Th>Health</Th>
          <Th>Deliveries, 24 h</Th>
          <Th numeric>Last delivery</Th>
          <Th numeric>Delivered</Th>
          <Th numeric>Refused</Th>
        </tr>
      </thead>
      <tbody>
        {connections.map((row) => (
          <Row key={row.id}>
            <Td phone="full">
              <RowLink to={`/finance/connections/${row.id}`}>{row.name}</RowLink>
              <small>
                {row.id}, {row.kind}
                {row.from_file_at === null ? "" : ", from the file"}
              </small>
            </Td>
            <Td>
              <HealthMark health={row.health} />
              <small>{whyOf(row, now)}</small>
            </Td>
            <Td phone="hidden">
              <HourBars counts={row.hours} />
            </Td>
            <Td numeric phone="lead" label="Last delivery">
              {row.last_delivery_at === null ? (
                "–"
              ) : (
                <When at={row.last_delivery_at} form="second" />
              )}
            </Td>
            <Td numeric label="Delivered">
              {row.delivered.toLocaleString("en-GB")}
            </Td>
            <Td numeric label="Refused" tone={row.refused > 0 ? "late" : "faint"}>
              {row.refused.toLocaleString("en-GB")}
            </Td>
          </Row>
        ))}
      </tbody>
    </LedgerTable>
  );
}

function whyOf(row: Loaded["connections"][number], now: string) {
  if (row.last_delivery_at === null) return "no delivery yet";
  const quiet = `no delivery for ${span(Date.parse(now) - Date.parse(row.last_delivery_at))}`;
  if (row.usualMs === null) return row.health === "silent" ? quiet : "";
  const usual = `usually within ${span(row.usualMs)}`;
  return row.health === "silent" || row.health === "slow" ? `${quiet}, ${usual}` : usual;
}

function Refused({
  refused,
  names,
}: {
  refused: Loaded["refused"];
  names: ReadonlyMap<string, string>;
}) {
  if (refused.length === 0) return <p className="small faint">Nobody in the last 24 hours.</p>;
  return (
    <LedgerTable caption="Refused in the last 24 hours" plain stacked>
      <thead>
        <tr>
          <Th>Connection</Th>
          <Th>Reason</Th>
          <Th numeric>Count, 24 h</Th>
          <Th numeric>Last</Th>
        </tr>
      </thead>
      <tbody>
        {refused.map((row) => (
          <Row key={`${row.connection_id} ${row.reason}`}>
            <Td>
              <RowLink to={`/finance/connections/${row.connection_id}`}>
                {names.get(row.connection_id) ?? row.connection_id}
              </RowLink>
            </Td>
            <Td phone="full">{row.reason}</Td>
            <Td numeric label="24 h">
              {row.count}
            </Td>
            <Td numeric>
              <When at={row.last_at} form="second" />
            </Td>
          </Row>
        ))}
      </tbody>
    </LedgerTable>
  );
}
