import { type ActionFunctionArgs, type LoaderFunctionArgs, redirect } from "@remix-run/node";
import { Form, Link, useLoaderData } from "@remix-run/react";
import { useAnswer } from "#app/ui/answer.ts";
import { WorkBody, WorkHead } from "#app/frame/console-frame.tsx";
import { FormError } from "#app/ui/form.tsx";
import { ActionTh, LedgerTable, Row, Td, Th } from "#app/ui/ledger-table.tsx";
import { EmptyState } from "#app/ui/notice.tsx";
import { When } from "#app/ui/when.tsx";
import { requireDesk, requireWorker } from "#app/access/console.server.ts";
import { submit } from "#app/http/http.server.ts";
import { noticeWords } from "#app/words/notice-words.server.ts";
import { countOpenNotices, openNotices } from "#db/queries/finance-notices.ts";
import { NoticeForm, settleNotice } from "#server/notices/finance-notices.ts";

const mostShown = 200;

export async function loader({ request, context }: LoaderFunctionArgs) {
  const { locale } = await requireDesk(request, context);
  const rows = await openNotices(context.db, { limit: mostShown });
  const names = new Map(context.connections.list().map(({ id, name }) => [id, name]));
  return {
    count: await countOpenNotices(context.db),
    notices: rows.map((row) => ({
      id: row.id,
      invoice: row.number,
      customer: row.customer_name,
      connection: names.get(row.connection_id) ?? row.connection_id,
      words: noticeWords(row, locale),
      times: row.times,
      lastAt: row.last_at,
      delivery: row.delivery_id,
      canBelieve: row.action === "version_behind",
    })),
  };
}

export async function action({ request, context }: ActionFunctionArgs) {
  const { actor } = await requireWorker(request, context);
  return submit(request, NoticeForm, async (form) => {
    await settleNotice(context, actor.source, form);
    return redirect("/finance/notices");
  });
}

export default function Notices() {
  const { count, notices } = useLoaderData<typeof loader>();
  const answer = useAnswer<typeof action>();
  return (
    <>
      <WorkHead title="To look at" summary={<Link to="/finance/deliveries">‹ Deliveries</Link>} />
      <WorkBody>
        <p className="soft small measure">
          What systems told that the portal can only guess about. The ledger shows its best guess; a
          person who knows the invoice decides.
        </p>
        {answer === undefined ? null : <FormError>{answer.message}</FormError>}
        {notices.length === 0 ? (
          <EmptyState title="Nothing to look at" />
        ) : (
          <LedgerTable caption="What finance has to look at" plain stacked>
            <thead>
              <tr>
                <Th>Invoice</Th>
                <Th>What happened</Th>
                <Th>Connection</Th>
                <Th numeric>Last</Th>
                <ActionTh />
              </tr>
            </thead>
            <tbody>
              {notices.map((notice) => (
                <NoticeRow key={notice.id} notice={notice} />
              ))}
            </tbody>
          </LedgerTable>
        )}
        {count > notices.length ? (
          <p className="small soft">
            {notices.length} of {count}
          </p>
        ) : null}
      </WorkBody>
    </>
  );
}

type Shown = ReturnType<typeof useLoaderData<typeof loader>>["notices"][number];

function NoticeRow({ notice }: { notice: Shown }) {
  return (
    <Row>
      <Td>
        {notice.invoice}
        <small>{notice.customer}</small>
      </Td>
      <Td phone="lead">
        {notice.words}
        {notice.times > 1 ? <small>{notice.times} times</small> : null}
      </Td>
      <Td>
        {notice.connection}
        {notice.delivery === null ? null : (
          <small>
            <Link to={`/finance/deliveries/${notice.delivery}`}>delivery {notice.delivery}</Link>
          </small>
        )}
      </Td>
      <Td numeric label="Last">
        <When at={notice.lastAt} />
      </Td>
      <Td>
        <Form method="post" className="row">
          <input type="hidden" name="notice" value={notice.id} />
          {notice.canBelieve ? (
            <button className="btn" name="do" value="believe">
              Believe it from here
            </button>
          ) : null}
          <button className="btn" name="do" value="done">
            Done
          </button>
        </Form>
      </Td>
    </Row>
  );
}
