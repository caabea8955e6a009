import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import {
  Form,
  Link,
  Outlet,
  useLoaderData,
  useRouteError,
  useRouteLoaderData,
} from "@remix-run/react";
import type { ReactNode } from "react";
import { ConsoleFrame, WorkBody } from "#app/frame/console-frame.tsx";
import { answerTo, Failure, FailurePage } from "#app/ui/failure.tsx";
import { LiveMark } from "#app/live/live-mark.tsx";
import { MailTroubleBanner } from "#app/outbox/mail-trouble.tsx";
import { LiveProvider, useFreshConsole, useLiveLink } from "#app/live/live.tsx";
import { zoneName } from "#app/ui/when.tsx";
import { requireDesk } from "#app/access/console.server.ts";
import { headSequence } from "#db/queries/live.ts";
import { deliveryCounts } from "#db/queries/delivery-log.ts";
import { mailTrouble } from "#db/queries/mail-trouble.ts";
import { queueCounts } from "#db/queries/dispute-queue.ts";
import { outboxCounts } from "#db/queries/outbox-log.ts";
import { countWithoutCustomer } from "#db/queries/records.ts";
import { countUnmatched } from "#db/queries/unmatched.ts";
import { startOfDay } from "#domain/time.ts";
import { healthOfConnections } from "#server/connections/connection-health.ts";
import { stateOfConsole } from "#server/live/console-watch.ts";

export const meta: MetaFunction<typeof loader> = ({ data, error }) => [
  { title: error ? answerTo(error).title : `${data?.supplier.name ?? "Portal"} finance` },
];

export async function loader({ request, context }: LoaderFunctionArgs) {
  const { scope, supplier, locale, timeZone, today, now } = await requireDesk(request, context);
  const { db } = context;
  const state = await stateOfConsole(context);
  const sequence = await headSequence(db);
  const dayStart = startOfDay(today, supplier.timeZone);
  const [disputes, outbox, deliveries, records, connections, unmatched] = await Promise.all([
    queueCounts(db, { userId: scope.userId, now }),
    outboxCounts(db, dayStart),
    deliveryCounts(db),
    countWithoutCustomer(db),
    healthOfConnections(context),
    countUnmatched(db),
  ]);
  return {
    state,
    sequence,
    trouble: await mailTrouble(db),
    supplier,
    reader: { locale, timeZone, today },
    now,
    person: { name: scope.name, role: scope.role },
    counts: {
      disputes: disputes.all,
      outbox: outbox.person,
      deliveries: deliveries.dead,
      records,
      unmatched,
      connections: connections.filter(
        ({ health, rejected }) => ["silent", "lost", "failing"].includes(health) || rejected > 0,
      ).length,
    },
  };
}

const roles = {
  finance: "Finance",
  administrator: "Administrator",
  auditor: "Auditor, reads only",
};

export default function Finance() {
  return (
    <LiveProvider customerId={null}>
      <Frame {...useLoaderData<typeof loader>()}>
        <Outlet />
      </Frame>
    </LiveProvider>
  );
}

/** A page that failed keeps the console's navigation around it. */
export function ErrorBoundary() {
  const loaded = useRouteLoaderData<typeof loader>("routes/finance");
  const error = useRouteError();
  if (!loaded) return <FailurePage error={error} supplier={undefined} />;
  return (
    <LiveProvider customerId={null}>
      <Frame {...loaded} isFailed>
        <WorkBody>
          <Failure error={error} reader="supplier" />
        </WorkBody>
      </Frame>
    </LiveProvider>
  );
}

type Loaded = ReturnType<typeof useLoaderData<typeof loader>>;

/** Everything in it is loaded again once it is old, which the live mark at the head of a page says. */
function Frame({
  state,
  supplier,
  reader,
  now,
  person,
  counts,
  trouble,
  isFailed = false,
  children,
}: Loaded & { isFailed?: boolean; children: ReactNode }) {
  const link = useLiveLink();
  useFreshConsole(isFailed ? null : state);
  return (
    <ConsoleFrame
      supplier={supplier}
      home="/finance"
      reader={reader}
      live={link === null ? null : <LiveMark state={link} />}
      sections={sectionsFor(person.role, counts)}
      user={
        <>
          <span className="rail__name">{person.name}</span>
          <span className="rail__about">{roles[person.role]}</span>
          <span className="rail__about">Times in {zoneName(now, reader)}</span>
          <br />
          <Link to="/finance/settings">Settings</Link>
          <Form method="post" action="/sign-out" reloadDocument>
            <button className="linklike">Sign out</button>
          </Form>
        </>
      }
    >
      <MailTroubleBanner trouble={trouble} />
      {children}
    </ConsoleFrame>
  );
}

type Counts = {
  disputes: number;
  outbox: number;
  deliveries: number;
  records: number;
  unmatched: number;
  /** Those that need a person: silent, lost, or with elements that could not be used. */
  connections: number;
};

function sectionsFor(role: string, counts: Counts) {
  const people = [
    { to: "/finance/people", label: "People" },
    { to: "/finance/keys", label: "API keys" },
    { to: "/finance/supplier", label: "Supplier" },
  ];
  return [
    {
      items: [
        { to: "/finance/disputes", label: "Disputes", count: counts.disputes },
        { to: "/finance/customers", label: "Customers" },
        { to: "/finance/records", label: "Customer records", count: counts.records },
      ],
    },
    {
      title: "Systems",
      items: [
        { to: "/finance/connections", label: "Connections", count: counts.connections },
        { to: "/finance/deliveries", label: "Deliveries", count: counts.deliveries },
        { to: "/finance/deliveries/unmatched", label: "Unmatched", count: counts.unmatched },
        { to: "/finance/outbox", label: "Outbox", count: counts.outbox },
      ],
    },
    {
      title: "Record",
      items: [
        { to: "/finance/mail", label: "Mail" },
        { to: "/finance/audit", label: "Audit" },
      ],
    },
    ...(role === "finance" ? [] : [{ title: "Access", items: people }]),
  ];
}
