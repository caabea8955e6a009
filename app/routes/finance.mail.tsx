import { type ActionFunctionArgs, type LoaderFunctionArgs, redirect } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { z } from "zod";
import { useAnswer } from "#app/ui/answer.ts";
import { WorkBody, WorkHead } from "#app/frame/console-frame.tsx";
import { LedgerTable, Row, RowLink, Td, Th } from "#app/ui/ledger-table.tsx";
import { ListPager } from "#app/ui/list-pager.tsx";
import { EmptyState, Notice } from "#app/ui/notice.tsx";
import { RefusingAddresses } from "#app/outbox/refusing-addresses.tsx";
import { RowTransport } from "#app/outbox/sent-on.tsx";
import { When } from "#app/ui/when.tsx";
import { requireDesk, requireWorker } from "#app/access/console.server.ts";
import { submit } from "#app/http/http.server.ts";
import { listSuppressions } from "#db/queries/mail-suppressions.ts";
import { counted } from "#app/ui/counted.ts";
import { consoleTitle } from "#app/frame/console-title.ts";
import { listOutbox } from "#db/queries/outbox-log.ts";
import { outboxState } from "#db/queries/outbox-state.ts";
import { mostAddresses, releaseAddress, releaseAllMail } from "#server/outbox/release-mail.ts";
import { sentRow } from "#server/outbox/sent-row.ts";

const pageSize = 50;

export const meta = consoleTitle("Mail");
const Before = z
  .string()
  .regex(/^[^~]+~[^~]+$/)
  .optional()
  .catch(undefined);
const Receipt = z.object({ messageId: z.string().optional() }).catch({});

const ReleaseForm = z.discriminatedUnion("do", [
  z.object({ do: z.literal("release"), address: z.string().min(1).max(320) }),
  z.object({ do: z.literal("release-all") }),
]);

export async function loader({ request, context }: LoaderFunctionArgs) {
  const { now, scope } = await requireDesk(request, context);
  const before = Before.parse(new URL(request.url).searchParams.get("before") ?? undefined);
  const [createdAt = "", id = ""] = before?.split("~") ?? [];
  const page = { view: "mail", dayStart: now, limit: pageSize + 1 } as const;
  const asked = before === undefined ? page : { ...page, before: { createdAt, id } };
  const rows = await listOutbox(context.db, asked);
  const shown = rows.slice(0, pageSize);
  const last = rows.length > pageSize ? shown.at(-1) : undefined;
  const addresses = await listSuppressions(context.db, mostAddresses);
  const states = await outboxState(context.db);
  return {
    parked: states.find(({ kind }) => kind === "mail")?.parked ?? 0,
    addresses: addresses.map(({ address, refused_at, answer }) => ({
      address,
      refusedAt: refused_at,
      answer,
    })),
    mayChange: scope.mayChange,
    next: last ? `?before=${encodeURIComponent(`${last.created_at}~${last.id}`)}` : null,
    mails: shown.map((row) => ({
      ...sentRow(row),
      messageId:
        row.receipt === null ? null : (Receipt.parse(JSON.parse(row.receipt)).messageId ?? null),
    })),
  };
}

export async function action({ request, context }: ActionFunctionArgs) {
  const { actor } = await requireWorker(request, context);
  return submit(request, ReleaseForm, async (form) => {
    if (form.do === "release") await releaseAddress(context, actor.source, form.address);
    else await releaseAllMail(context, actor.source);
    return redirect("/finance/mail");
  });
}

export default function MailLog() {
  const { mails, next, addresses, parked, mayChange } = useLoaderData<typeof loader>();
  const refused = useAnswer<typeof action>();
  return (
    <>
      <WorkHead title="Mail" summary="Every mail with what its server answered" />
      <WorkBody>
        {refused ? <Notice tone="late" title={refused.message} /> : null}
        <RefusingAddresses {...{ addresses, parked, mayChange }} />
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
        <ListPager summary={counted(mails.length, "mail")} next={next} />
      </WorkBody>
    </>
  );
}
