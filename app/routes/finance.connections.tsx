import type { LoaderFunctionArgs } from "@remix-run/node";
import { Link, useLoaderData } from "@remix-run/react";
import { ButtonLink } from "#app/ui/button.tsx";
import { WorkBody, WorkHead } from "#app/frame/console-frame.tsx";
import { counted } from "#app/ui/counted.ts";
import { Done } from "#app/ui/done.tsx";
import { HealthMark } from "#app/connections/health-mark.tsx";
import { HourBars } from "#app/connections/hour-bars.tsx";
import { LedgerTable, Row, RowLink, Td, Th } from "#app/ui/ledger-table.tsx";
import { EmptyState } from "#app/ui/notice.tsx";
import { Block } from "#app/ui/page.tsx";
import { span } from "#app/disputes/response-clock.tsx";
import { notUsed } from "#app/connections/rejections.tsx";
import { healthWords } from "#app/words/words.ts";
import { When } from "#app/ui/when.tsx";
import { consoleTitle } from "#app/frame/console-title.ts";
import { requireDesk } from "#app/access/console.server.ts";
import { parkedWriteBacks, refusals } from "#db/queries/connection-health.ts";
import { dayMs, plusMs } from "#domain/time.ts";
import { connectionsWithHealth } from "#server/connections/connection-health.ts";

export const meta = consoleTitle("Connections");

export async function loader({ request, context }: LoaderFunctionArgs) {
  const { scope, now } = await requireDesk(request, context);
  const [connections, refused, parked] = await Promise.all([
    connectionsWithHealth(context),
    refusals(context.db, plusMs(now, -dayMs)),
    parkedWriteBacks(context.db),
  ]);
  return {
    now,
    refused,
    isAdministrator: scope.role === "administrator",
    connections: connections.map((row) => ({
      ...row,
      parked: parked.get(row.id) ?? 0,
      isRefused: refused.some((one) => one.connection_id === row.id),
    })),
  };
}

export default function Connections() {
  const { now, refused, isAdministrator, connections } = useLoaderData<typeof loader>();
  const counts = healths.flatMap((health) => {
    const count = connections.filter((connection) => connection.health === health).length;
    return count === 0 ? [] : `${count} ${healthWords[health].toLowerCase()}`;
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
        <Done words={{ remove: "Removed. Its invoices and their history stay." }} />
        {connections.length === 0 ? (
          <EmptyState
            title="No system is connected"
            text="Connect the system that writes your invoices first."
          />
        ) : (
          <List connections={connections} now={now} />
        )}
        <Block
          title="Refused at the door"
          note="Requests that were not taken, the last 50 samples are kept"
        >
          <Refused refused={refused} names={names} />
        </Block>
      </WorkBody>
    </>
  );
}

const healths = ["working", "slow", "failing", "silent", "lost", "waiting", "paused"] as const;

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
          <Th>What to do</Th>
        </tr>
      </thead>
      <tbody>
        {connections.map((row) => (
          <Row key={row.id}>
            <Td phone="full">
              <RowLink to={`/finance/connections/${row.id}`}>{row.name}</RowLink>
              <small>
                {row.id === row.kind ? row.id : `${row.id}, ${row.kind}`}
                {row.app === null ? null : `, of ${row.app}`}
                {row.from_file_at === null ? null : ", from the connections file"}
                {row.receives_disputes_at === null ? null : ", receives disputes"}
              </small>
            </Td>
            <Td>
              <HealthMark health={row.health} />
              <small>{whyOf(row, now)}</small>
              {row.rejected === 0 ? null : <small className="late">{notUsed(row.rejected)}</small>}
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
            <Td phone="full">
              <Todo row={row} />
            </Td>
          </Row>
        ))}
      </tbody>
    </LedgerTable>
  );
}

function Todo({ row }: { row: Loaded["connections"][number] }) {
  const path = `/finance/connections/${row.id}`;
  if (row.parked > 0) {
    return (
      <>
        <b>{row.parked === 1 ? "1 write-back" : `${row.parked} write-backs`} need a person.</b>{" "}
        <Link to="/finance/outbox?view=person">Look at them</Link>
      </>
    );
  }
  if (row.health === "lost") {
    return row.grant_id === null ? (
      <Link to={path}>Connect it</Link>
    ) : (
      <Link to={path}>See why, and connect it anew</Link>
    );
  }
  if (row.health === "paused") return <Link to={path}>Resume</Link>;
  if (row.dead > 0) {
    return (
      <>
        <b>{counted(row.dead, "delivery", "deliveries")} could not be used.</b>{" "}
        <Link to={`/finance/deliveries?state=dead&connection=${row.id}`}>See why</Link>
      </>
    );
  }
  if (row.last_delivery_at === null && row.app === null) {
    return <Link to={path}>Set it up there</Link>;
  }
  if (row.health === "silent") {
    return row.isRefused ? (
      <Link to={path}>See what was refused, then test it</Link>
    ) : (
      <Link to={path}>Test it, and ask the system whether it still sends</Link>
    );
  }
  if (row.rejected > 0) return <Link to={path}>See what could not be used</Link>;
  if (row.isRefused) return <Link to={path}>See what was refused</Link>;
  if (row.health === "slow") return <>Wait. It is quieter than usual.</>;
  return <span className="faint">Nothing</span>;
}

function whyOf(row: Loaded["connections"][number], now: string) {
  if (row.health === "lost") return row.grant_id === null ? "nobody connected it yet" : row.fault;
  if (row.health === "failing") return "its last delivery could not be used";
  if (row.last_delivery_at === null) {
    return row.polled_at === null ? "no delivery yet" : "read every hour, no delivery yet";
  }
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
