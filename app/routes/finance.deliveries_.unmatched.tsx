import { type ActionFunctionArgs, type LoaderFunctionArgs, redirect } from "@remix-run/node";
import { Form, Link, useLoaderData } from "@remix-run/react";
import { z } from "zod";
import { useAnswer } from "#app/ui/answer.ts";
import { AskFirst } from "#app/ui/ask-first.tsx";
import { Button } from "#app/ui/button.tsx";
import { WorkBody, WorkHead } from "#app/frame/console-frame.tsx";
import { Field } from "#app/ui/field.tsx";
import { LedgerTable, Row, Td, Th } from "#app/ui/ledger-table.tsx";
import { ListPager } from "#app/ui/list-pager.tsx";
import { Money } from "#app/ui/money.tsx";
import { EmptyState, Notice } from "#app/ui/notice.tsx";
import { When } from "#app/ui/when.tsx";
import { consoleTitle } from "#app/frame/console-title.ts";
import { requireDesk, requireWorker } from "#app/access/console.server.ts";
import { submit } from "#app/http/http.server.ts";
import { countUnmatched, listUnmatched } from "#db/queries/unmatched.ts";
import { Money as MoneyShape } from "#domain/money.ts";
import { doToUnmatched, UnmatchedForm } from "#server/deliveries/unmatched.ts";

const pageSize = 50;

export const meta = consoleTitle("Changes that wait");
const Before = z.coerce.number().int().positive().optional().catch(undefined);
const Waiting = z.object({ kind: z.string(), amount: MoneyShape.optional() });

export async function loader({ request, context }: LoaderFunctionArgs) {
  const { scope } = await requireDesk(request, context);
  const { db } = context;
  const before = Before.parse(new URL(request.url).searchParams.get("before") ?? undefined);
  const rows = await listUnmatched(db, { before, limit: pageSize + 1 });
  const shown = rows.slice(0, pageSize);
  return {
    count: await countUnmatched(db),
    next: rows.length > pageSize ? `?before=${shown.at(-1)?.id ?? 0}` : null,
    mayChange: scope.mayChange,
    changes: shown.map(({ change, ...row }) => ({
      ...row,
      ...Waiting.parse(JSON.parse(change)),
    })),
  };
}

export async function action({ request, context }: ActionFunctionArgs) {
  const { actor } = await requireWorker(request, context);
  return submit(request, UnmatchedForm, async (form) => {
    await doToUnmatched(context, actor.source, form);
    return redirect("/finance/deliveries/unmatched");
  });
}

export default function Unmatched() {
  const { count, next, changes, mayChange } = useLoaderData<typeof loader>();
  const refused = useAnswer<typeof action>();
  return (
    <>
      <WorkHead
        title="Changes that wait"
        summary={<Link to="/finance/deliveries">‹ Deliveries</Link>}
      />
      <WorkBody>
        {refused ? (
          <Notice tone="late" title={refused.errors["invoice"] ?? refused.message} />
        ) : null}
        <p className="soft small measure">
          Authentic, but about an invoice that no system has described yet, or by a number that
          several invoices have. Each is recorded as soon as its invoice appears, or when you say
          which it is, and given up after 14 days.
        </p>
        {changes.length === 0 ? (
          <EmptyState title="Nothing waits" />
        ) : (
          <LedgerTable caption="Changes that wait for their invoice" plain stacked>
            <thead>
              <tr>
                <Th>Invoice</Th>
                <Th>Change</Th>
                <Th numeric>Amount</Th>
                <Th>Connection</Th>
                <Th>Delivery</Th>
                <Th numeric>Received</Th>
                <Th numeric>Given up</Th>
                {mayChange ? <Th>What to do</Th> : null}
              </tr>
            </thead>
            <tbody>
              {changes.map((change) => (
                <Row key={change.id}>
                  <Td>{change.name.replace(/^(id|no):/, "")}</Td>
                  <Td phone="lead">{change.kind}</Td>
                  <Td numeric label="Amount">
                    {change.amount ? <Money {...change.amount} /> : "–"}
                  </Td>
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
                  {mayChange ? (
                    <Td phone="full">
                      <Decide id={change.id} />
                    </Td>
                  ) : null}
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

/** A person says which invoice is meant, or that nothing will come of it. */
function Decide({ id }: { id: number }) {
  return (
    <>
      <Form method="post" className="row">
        <input type="hidden" name="do" value="link" />
        <input type="hidden" name="id" value={id} />
        <Field label="Its invoice" name="invoice" required />
        <Button>Record with it</Button>
      </Form>
      <AskFirst
        label="Give up"
        question="It is not recorded, whatever comes. Its delivery stays and can be replayed."
        sure="Give it up"
        fields={{ do: "give_up", id: String(id) }}
      />
    </>
  );
}
