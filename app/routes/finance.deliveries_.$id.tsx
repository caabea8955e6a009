import { type ActionFunctionArgs, type LoaderFunctionArgs, redirect } from "@remix-run/node";
import { Form, Link, useActionData, useLoaderData } from "@remix-run/react";
import { z } from "zod";
import { Button } from "#app/components/button.tsx";
import { WorkBody, WorkHead } from "#app/components/console-frame.tsx";
import { DeliveryState } from "#app/components/delivery-state.tsx";
import { Pairs } from "#app/components/facts.tsx";
import { Notice } from "#app/components/notice.tsx";
import { Block } from "#app/components/page.tsx";
import { SentOn } from "#app/components/sent-on.tsx";
import { EventShape } from "#app/components/timeline.tsx";
import { When } from "#app/components/when.tsx";
import { requireDesk, requireWorker } from "#app/console.server.ts";
import { found, submit } from "#app/http.server.ts";
import { eventRowsAfter } from "#db/queries/audit-log.ts";
import { findDelivery } from "#db/queries/delivery-log.ts";
import { sentOnFor } from "#db/queries/outbox-log.ts";
import { replayDelivery } from "#server/finance/replay-delivery.ts";
import { sentRow } from "#server/finance/sent-row.ts";
import { shownBody } from "#server/finance/shown-body.ts";

const Id = z.coerce.number().int().positive();
const ReplayForm = z.object({ do: z.literal("replay") });
const mostEvents = 100;

export async function loader({ request, params, context }: LoaderFunctionArgs) {
  const { scope } = await requireDesk(request, context);
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
        );
  const sent = await sentOnFor(
    db,
    caused.map(({ sequence }) => sequence),
  );
  const { headers, body, ...delivery } = row;
  return {
    delivery,
    bytes: body.byteLength,
    name: connections.get(row.connection_id)?.name ?? row.connection_id,
    headers: z.record(z.string(), z.string()).parse(JSON.parse(headers)),
    body: shownBody(body),
    events: caused.map(({ sequence, type, invoice_id }) => ({
      sequence,
      type,
      invoice: invoice_id,
    })),
    sent: sent.map(sentRow),
    mayChange: scope.mayChange,
  };
}

export async function action({ request, params, context }: ActionFunctionArgs) {
  const { actor } = await requireWorker(request, context);
  const { source } = actor;
  const id = found(Id.safeParse(params.id).data);
  return submit(request, ReplayForm, async () => {
    await replayDelivery(context, source, id);
    return redirect(`/finance/deliveries/${id}`);
  });
}

export default function Delivery() {
  const data = useLoaderData<typeof loader>();
  const refused = useActionData<typeof action>();
  const { delivery, events, sent } = data;
  return (
    <>
      <WorkHead
        title={`Delivery ${delivery.id.toLocaleString("en-GB")}`}
        summary={
          <>
            {data.name}, received <When at={delivery.received_at} form="second" zone />
          </>
        }
      />
      <WorkBody>
        {refused ? <Notice tone="late" title={refused.message} /> : null}
        <div className="two">
          <div>
            <Raw {...data} />
          </div>
          <div>
            <Block title="What happened to it">
              <Happened delivery={delivery} />
            </Block>
            <Block title="Derived events">
              <Derived events={events} />
            </Block>
            <Block title="Sent on">
              <SentOn rows={sent} />
            </Block>
            {data.mayChange ? <Replay /> : null}
          </div>
        </div>
      </WorkBody>
    </>
  );
}

type Loaded = ReturnType<typeof useLoaderData<typeof loader>>;

function Raw({ delivery, headers, body, bytes }: Loaded) {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
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

function Happened({ delivery }: Pick<Loaded, "delivery">) {
  const facts = [
    { term: "State", value: <DeliveryState row={delivery} /> },
    { term: "Attempts", value: delivery.attempts },
    { term: "Came by", value: delivery.origin },
    {
      term: "Known again by",
      value: <span className="mono breakable">{delivery.dedupe_key}</span>,
    },
  ];
  if (delivery.processed_at !== null) {
    facts.push({ term: "Processed", value: <When at={delivery.processed_at} form="second" /> });
  }
  if (delivery.dead_at !== null) {
    facts.push({ term: "Given up", value: <When at={delivery.dead_at} form="second" /> });
  }
  if (delivery.due_at !== null) {
    facts.push({ term: "Next try", value: <When at={delivery.due_at} form="second" /> });
  }
  if (delivery.error !== null) {
    facts.push({ term: "Why", value: <span className="late breakable">{delivery.error}</span> });
  }
  return <Pairs lined facts={facts} />;
}

function Derived({ events }: Pick<Loaded, "events">) {
  if (events.length === 0) {
    return <p className="small faint">It changed nothing that was not known already.</p>;
  }
  return (
    <ol className="timeline">
      {events.map(({ sequence, type }) => (
        <li key={sequence} className="event event--short">
          <span className="event__dot">
            <EventShape type={type} />
          </span>
          <div>
            <b>{type}</b>
          </div>
          <span className="event__seq">{sequence.toLocaleString("en-GB")}</span>
        </li>
      ))}
    </ol>
  );
}

function Replay() {
  return (
    <Block title="Replay">
      <p className="small soft">
        Runs the stored bytes through the present code. What they tell that is new is recorded;
        nobody is mailed and nothing is written back.
      </p>
      <Form method="post" className="case__take">
        <input type="hidden" name="do" value="replay" />
        <Button>Replay this delivery</Button>
      </Form>
    </Block>
  );
}
