import { type ActionFunctionArgs, type LoaderFunctionArgs, redirect } from "@remix-run/node";
import { Link, useLoaderData } from "@remix-run/react";
import { z } from "zod";
import { useAnswer } from "#app/ui/answer.ts";
import { WorkBody, WorkHead } from "#app/frame/console-frame.tsx";
import { Dismiss } from "#app/deliveries/dismiss.tsx";
import { Done } from "#app/ui/done.tsx";
import { DerivedEvents, Happened, Replay } from "#app/deliveries/delivery-parts.tsx";
import { Notice } from "#app/ui/notice.tsx";
import { Block } from "#app/ui/page.tsx";
import { SentOn } from "#app/outbox/sent-on.tsx";
import { When } from "#app/ui/when.tsx";
import { consoleTitle } from "#app/frame/console-title.ts";
import { requireDesk, requireWorker } from "#app/access/console.server.ts";
import { found, submit } from "#app/http/http.server.ts";
import { toldEvents } from "#app/words/told.server.ts";
import { eventRowsAfter } from "#db/queries/audit-log.ts";
import { findDelivery } from "#db/queries/delivery-log.ts";
import { countWaiting } from "#db/queries/unmatched.ts";
import { sentOnFor } from "#db/queries/outbox-log.ts";
import { rejectionsIn } from "#db/queries/rejections.ts";
import { DismissForm, dismissDeliveries } from "#server/deliveries/dismiss-deliveries.ts";
import { replayDelivery } from "#server/deliveries/replay-delivery.ts";
import { sentRow } from "#server/outbox/sent-row.ts";
import { shownBody } from "#server/deliveries/shown-body.ts";
import { tryReplay } from "#server/deliveries/try-replay.ts";
import { eventOf } from "#server/ledger/read.ts";

const Id = z.coerce.number().int().positive();
const DeliveryForm = z.discriminatedUnion("do", [
  z.object({ do: z.literal("try") }),
  z.object({ do: z.literal("replay") }),
  DismissForm,
]);
const mostEvents = 100;
const Headers = z.record(z.string(), z.union([z.string(), z.array(z.string())]));

const doneWords = {
  replay: "It is due again, and processed in seconds.",
  dismiss: "Dismissed, and written to the ledger with the reason.",
};

export const meta = consoleTitle<typeof loader>(({ delivery }) => `Delivery ${delivery.id}`);

export async function loader({ request, params, context }: LoaderFunctionArgs) {
  const { scope, locale, timeZone, today } = await requireDesk(request, context);
  const { db, connections } = context;
  const row = found(await findDelivery(db, found(Id.safeParse(params.id).data)));
  const { first_sequence: first, last_sequence: last } = row;
  const caused =
    first === null || last === null
      ? []
      : await eventRowsAfter(
          db,
          {},
          { after: first - 1, limit: Math.min(last - first + 1, mostEvents) },
        ).then((found) => found.filter((event) => isOf(event.source, row.id)));
  const sent = await sentOnFor(
    db,
    caused.map(({ sequence }) => sequence),
  );
  const { headers, body, ...delivery } = row;
  return {
    delivery,
    bytes: body.byteLength,
    name: connections.get(row.connection_id)?.name ?? row.connection_id,
    headers: Headers.parse(JSON.parse(headers)),
    body: shownBody(body),
    events: await toldEvents(db, caused.map(eventOf), { locale, timeZone, today }),
    sent: sent.map(sentRow),
    rejected: await rejectionsIn(db, row.id),
    waiting: await countWaiting(db, row.id),
    mayChange: scope.mayChange,
  };
}

/** Between its first event and its last one may stand those of others. */
function isOf(source: string, delivery: number): boolean {
  return Of.parse(JSON.parse(source)).delivery === delivery;
}

const Of = z.object({ delivery: z.number().optional() });

export async function action({ request, params, context }: ActionFunctionArgs) {
  const { actor, locale, timeZone, today } = await requireWorker(request, context);
  const id = found(Id.safeParse(params.id).data);
  return submit(request, DeliveryForm, async (form) => {
    if (form.do === "try") {
      const { events, ...trial } = await tryReplay(context, id);
      const reader = { locale, timeZone, today };
      return { trial: { ...trial, events: await toldEvents(context.db, events, reader) } };
    }
    if (form.do === "dismiss") {
      await dismissDeliveries(context, actor.source, { which: { id }, reason: form.reason });
    } else {
      await replayDelivery(context, actor.source, id);
    }
    return redirect(`/finance/deliveries/${id}?done=${form.do}`);
  });
}

export default function Delivery() {
  const data = useLoaderData<typeof loader>();
  const answer = useAnswer<typeof action>();
  const trial = answer && "trial" in answer ? answer.trial : null;
  const { delivery, events, sent } = data;
  return (
    <>
      <WorkHead
        title={`Delivery ${delivery.id}`}
        summary={
          <>
            {data.name}, received <When at={delivery.received_at} form="second" zone />
          </>
        }
      />
      <WorkBody>
        <Done words={doneWords} />
        {answer && "message" in answer ? <Notice tone="late" title={answer.message} /> : null}
        <div className="two two--answer">
          <div>
            <Raw {...data} />
          </div>
          <div>
            <Block title="What happened to it">
              <Happened delivery={delivery} />
              {data.rejected.map(({ element, reason }) => (
                <p key={element} className="small late breakable">
                  Not used: {element}: {reason}
                </p>
              ))}
            </Block>
            <Block title="Derived events">
              {events.length === 0 ? (
                <NoEvents delivery={delivery} waiting={data.waiting} />
              ) : (
                <DerivedEvents events={events} />
              )}
            </Block>
            <Block title="Sent on">
              <SentOn rows={sent} />
            </Block>
            {data.mayChange ? (
              <Replay
                trial={trial}
                lastAt={delivery.origin === "replay" ? delivery.processed_at : null}
              />
            ) : null}
            {data.mayChange && delivery.dead_at !== null && delivery.dismissed_at === null ? (
              <Block title="Nothing is to be done?">
                <Dismiss label="Dismiss it, because" />
              </Block>
            ) : null}
          </div>
        </div>
      </WorkBody>
    </>
  );
}

type Loaded = ReturnType<typeof useLoaderData<typeof loader>>;

/** Why a delivery led to no event. */
function NoEvents({ delivery, waiting }: Pick<Loaded, "delivery" | "waiting">) {
  const words =
    delivery.dead_at !== null
      ? "Nothing of it is recorded."
      : delivery.due_at !== null
        ? "It is not recorded yet."
        : "It changed nothing that was not known already.";
  if (waiting === 0) return <p className="small faint">{words}</p>;
  return (
    <p className="small">
      {waiting === 1 ? "1 change waits" : `${waiting} changes wait`} for an invoice that no system
      has described. <Link to="/finance/deliveries/unmatched">See what waits</Link>
    </p>
  );
}

function Raw({ delivery, headers, body, bytes }: Loaded) {
  const lines = Object.entries(headers).flatMap(([name, values]) =>
    [values].flat().map((value) => `${name}: ${value}`),
  );
  const head = [`${delivery.method} ${delivery.path}`, ...lines].join("\n");
  return (
    <Block title="Raw request" note={`${bytes.toLocaleString("en-GB")} bytes, stored as received`}>
      <pre className="raw">{`${head}\n\n${body.text}`}</pre>
      {body.cut ? <p className="small faint">Cut here. The download has all of it.</p> : null}
      <p className="sec__links">
        <Link to={`/finance/deliveries/${delivery.id}/raw`} reloadDocument>
          Download the bytes
        </Link>
      </p>
    </Block>
  );
}
