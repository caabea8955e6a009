import type { LoaderFunctionArgs } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { z } from "zod";
import { WorkBody, WorkHead } from "#app/components/console-frame.tsx";
import { LedgerTable, Row, RowLink, Td, Th } from "#app/components/ledger-table.tsx";
import { ListPager } from "#app/components/list-pager.tsx";
import { EmptyState } from "#app/components/notice.tsx";
import { RowTransport } from "#app/components/sent-on.tsx";
import { When } from "#app/components/when.tsx";
import { requireDesk } from "#app/console.server.ts";
import { listOutbox } from "#db/queries/outbox-log.ts";
import { sentRow } from "#server/finance/sent-row.ts";

const pageSize = 50;
const Before = z
  .string()
  .regex(/^[^~]+~[^~]+$/)
  .optional()
  .catch(undefined);
const Receipt = z.object({ messageId: z.string().optional() }).catch({});

export async function loader({ request, context }: LoaderFunctionArgs) {
  const { now } = await requireDesk(request, context);
  const before = Before.parse(new URL(request.url).searchParams.get("before") ?? undefined);
  const [createdAt = "", id = ""] = before?.split("~") ?? [];
  const page = { view: "mail", dayStart: now, limit: pageSize + 1 } as const;
  const asked = before === undefined ? page : { ...page, before: { createdAt, id } };
  const rows = await listOutbox(context.db, asked);
  const shown = rows.slice(0, pageSize);
  const last = rows.length > pageSize ? shown.at(-1) : undefined;
  return {
    next: last ? `?before=${encodeURIComponent(`${last.created_at}~${last.id}`)}` : null,
    mails: shown.map((row) => ({
      ...sentRow(row),
      messageId:
        row.receipt === null ? null : (Receipt.parse(JSON.parse(row.receipt)).messageId ?? null),
    })),
  };
}

export default function MailLog() {
  const { mails, next } = useLoaderData<typeof loader>();
  return (
    <>
      <WorkHead title="Mail" summary="Every mail with what its server answered" />
      <WorkBody>
        {mails.length === 0 ? (
          <EmptyState title="No mail was written yet" />
        ) : (
          <LedgerTable caption="Mail" stacked>
            <thead>
              <tr>
                <Th>Mail</Th>
                <Th>To</Th>
                <Th>Delivery</Th>
                <Th numeric>Written</Th>
                <Th>Answer</Th>
                <Th>Message-ID</Th>
              </tr>
            </thead>
            <tbody>
              {mails.map((mail) => (
                <Row key={mail.id}>
                  <Td phone="full">
                    <RowLink to={`/finance/outbox/${mail.id}`}>
                      {mail.what.replaceAll("_", " ")}
                    </RowLink>
                    <small>{mail.sequence === null ? "no event" : `event ${mail.sequence}`}</small>
                  </Td>
                  <Td phone="full">
                    <span className="breakable">{mail.target}</span>
                  </Td>
                  <Td phone="lead">
                    <RowTransport row={mail} />
                  </Td>
                  <Td numeric>
                    <When at={mail.createdAt} form="second" />
                  </Td>
                  <Td phone="full">
                    <span className={mail.parked ? "late breakable" : "breakable"}>
                      {mail.answer ?? "–"}
                    </span>
                  </Td>
                  <Td phone="full" tone="faint">
                    <span className="mono breakable">{mail.messageId ?? "–"}</span>
                  </Td>
                </Row>
              ))}
            </tbody>
          </LedgerTable>
        )}
        <ListPager summary={`${mails.length} mails`} next={next} />
      </WorkBody>
    </>
  );
}
