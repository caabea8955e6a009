import { type ActionFunctionArgs, type LoaderFunctionArgs, redirect } from "@remix-run/node";
import { Form, Link, useLoaderData } from "@remix-run/react";
import { useAnswer } from "#app/ui/answer.ts";
import { Button } from "#app/ui/button.tsx";
import { WorkBody, WorkHead } from "#app/frame/console-frame.tsx";
import { Done } from "#app/ui/done.tsx";
import { idThere } from "#app/frame/id-there.ts";
import { LedgerTable, Row, Td, Th } from "#app/ui/ledger-table.tsx";
import { ListPager } from "#app/ui/list-pager.tsx";
import { EmptyState, Notice } from "#app/ui/notice.tsx";
import { CustomerPicker } from "#app/ui/picker.tsx";
import { consoleTitle } from "#app/frame/console-title.ts";
import { requireDesk, requireWorker } from "#app/access/console.server.ts";
import { submit } from "#app/http/http.server.ts";
import {
  countWithoutCustomer,
  customersByDomain,
  domainOf,
  recordsWithoutCustomer,
} from "#db/queries/records.ts";
import { LinkForm, linkPicked } from "#server/customers/link-record.ts";

const pageSize = 50;

export const meta = consoleTitle("Customer records");

export async function loader({ request, context }: LoaderFunctionArgs) {
  const { scope } = await requireDesk(request, context);
  const { db } = context;
  const after = new URL(request.url).searchParams.get("after") ?? "";
  const rows = await recordsWithoutCustomer(db, { after, limit: pageSize + 1 });
  const shown = rows.slice(0, pageSize);
  const domains = new Set(shown.flatMap(({ email }) => domainOf(email) ?? []));
  const hints = await customersByDomain(db, [...domains]);
  return {
    count: await countWithoutCustomer(db),
    next: rows.length > pageSize ? `?after=${shown.at(-1)?.id ?? ""}` : null,
    mayChange: scope.mayChange,
    records: shown.map((record) => ({
      ...record,
      hints: hints.filter(({ domain }) => domain === domainOf(record.email)),
    })),
  };
}

export async function action({ request, context }: ActionFunctionArgs) {
  const { actor } = await requireWorker(request, context);
  const { source } = actor;
  return submit(request, LinkForm, async (form) => {
    await linkPicked(context, source, form);
    return redirect("/finance/records?done=linked");
  });
}

export default function CustomerRecords() {
  const { count, next, records, mayChange } = useLoaderData<typeof loader>();
  const refused = useAnswer<typeof action>();
  return (
    <>
      <WorkHead title="Customer records" summary={`${count} without a customer`} />
      <WorkBody>
        <Done words={{ linked: "Linked. Its customer sees these invoices from now on." }} />
        {refused ? (
          <Notice tone="late" title={refused.errors["customer"] ?? refused.message} />
        ) : null}
        <p className="soft small measure">
          What connections call a customer. Its invoices are seen by nobody until you link it. An
          address with the same domain is a hint, never a match.
        </p>
        {records.length === 0 ? (
          <EmptyState title="Every customer record belongs to a customer" />
        ) : (
          <LedgerTable caption="Customer records without a customer" plain stacked>
            <thead>
              <tr>
                <Th>Name there</Th>
                <Th>Connection</Th>
                <Th>Address</Th>
                <Th numeric>Invoices</Th>
                <Th>Belongs to</Th>
              </tr>
            </thead>
            <tbody>
              {records.map((record) => (
                <Row key={record.id}>
                  <Td phone="full">
                    {record.name}
                    <small>{idThere(record.external_key)}</small>
                  </Td>
                  <Td phone="lead">{record.connection_id}</Td>
                  <Td>
                    {record.email ?? "–"}
                    {record.hints.map((hint) => (
                      <small key={hint.id}>
                        same domain as <Link to={`/finance/customers/${hint.id}`}>{hint.name}</Link>
                      </small>
                    ))}
                  </Td>
                  <Td numeric label="Invoices">
                    {record.invoices}
                  </Td>
                  <Td phone="full">{mayChange ? <LinkTo record={record.id} /> : null}</Td>
                </Row>
              ))}
            </tbody>
          </LedgerTable>
        )}
        <ListPager summary={`${records.length} of ${count}`} next={next} />
      </WorkBody>
    </>
  );
}

function LinkTo({ record }: { record: string }) {
  return (
    <Form method="post" className="row row--tight">
      <input type="hidden" name="do" value="link" />
      <input type="hidden" name="record" value={record} />
      <CustomerPicker />
      <Button>Link</Button>
    </Form>
  );
}
