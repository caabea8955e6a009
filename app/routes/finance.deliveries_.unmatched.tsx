import type { LoaderFunctionArgs } from "@remix-run/node";
import { Link, useLoaderData } from "@remix-run/react";
import { z } from "zod";
import { WorkBody, WorkHead } from "#app/components/console-frame.tsx";
import { LedgerTable, Row, Td, Th } from "#app/components/ledger-table.tsx";
import { ListPager } from "#app/components/list-pager.tsx";
import { EmptyState } from "#app/components/notice.tsx";
import { When } from "#app/components/when.tsx";
import { consoleTitle } from "#app/console-title.ts";
import { requireDesk } from "#app/console.server.ts";
import { countUnmatched, listUnmatched } from "#db/queries/unmatched.ts";

const pageSize = 50;

export const meta = consoleTitle("Changes that wait");
const Before = z.coerce.number().int().positive().optional().catch(undefined);
const Kind = z.object({ kind: z.string() });

export async function loader({ request, context }: LoaderFunctionArgs) {
  await requireDesk(request, context);
  const { db } = context;
  const before = Before.parse(new URL(request.url).searchParams.get("before") ?? undefined);
  const rows = await listUnmatched(db, { before, limit: pageSize + 1 });
  const shown = rows.slice(0, pageSize);
  return {
    count: await countUnmatched(db),
    next: rows.length > pageSize ? `?before=${shown.at(-1)?.id ?? 0}` : null,
    changes: shown.map(({ change, ...row }) => {
      const { kind } = Kind.parse(JSON.parse(change));
      return { ...row, kind };
    }),
  };
}

export default function Unmatched() {
  const { count, next, changes } = useLoaderData<typeof loader>();
  return (
    <>
      <WorkHead
        title="Changes that wait"
        summary={<Link to="/finance/deliveries">‹ Deliveries</Link>}
      />
      <WorkBody>
        <p className="soft small measure">
          Authentic, but about an invoice that no system has described yet. Each is recorded as soon
          as its invoice appears, and given up after 14 days.
        </p>
        {changes.length === 0 ? (
          <EmptyState title="Nothing waits" />
        ) : (
          <LedgerTable caption="Changes that wait for their invoice" plain stacked>
            <thead>
              <tr>
                <Th>Invoice</Th>
                <Th>Change</Th>
                <Th>Connection</Th>
                <Th>Delivery</Th>
                <Th numeric>Received</Th>
                <Th numeric>Given up</Th>
              </tr>
            </thead>
            <tbody>
              {changes.map((change) => (
                <Row key={change.id}>
                  <Td>{change.name.replace(/^(id|no):/, "")}</Td>
                  <Td phone="lead">{change.kind}</Td>
                  <Td>{change.connection_id}</Td>
                  <Td>
                    {change.delivery_id === null ? (
                      "–"
                    ) : (
                      <Link to={`/finance/deliveries/${change.delivery_id}`}>
                        {change.delivery_id}
                      </Link>
                    )}
                  </Td>
                  <Td numeric label="Received">
                    <When at={change.received_at} />
                  </Td>
                  <Td numeric label="Given up">
                    <When at={change.expires_at} />
                  </Td>
                </Row>
              ))}
            </tbody>
          </LedgerTable>
        )}
        <ListPager summary={`${changes.length} of ${count}`} next={next} />
      </WorkBody>
    </>
  );
}
