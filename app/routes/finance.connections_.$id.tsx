import { type ActionFunctionArgs, type LoaderFunctionArgs, redirect } from "@remix-run/node";
import { Form, Link, useLoaderData, useLocation } from "@remix-run/react";
import { z } from "zod";
import { useAnswer } from "#app/ui/answer.ts";
import { AskFirst } from "#app/ui/ask-first.tsx";
import { Button } from "#app/ui/button.tsx";
import { ConnectionFields } from "#app/connections/connection-fields.tsx";
import { WorkBody, WorkHead } from "#app/frame/console-frame.tsx";
import { Access, Organisations } from "#app/connections/organisations.tsx";
import { Pairs } from "#app/ui/facts.tsx";
import { Done } from "#app/ui/done.tsx";
import { Field, Tick } from "#app/ui/field.tsx";
import { FormError } from "#app/ui/form.tsx";
import { HealthMark } from "#app/connections/health-mark.tsx";
import { HourBars } from "#app/connections/hour-bars.tsx";
import { Notice } from "#app/ui/notice.tsx";
import { Block } from "#app/ui/page.tsx";
import { notUsed, Rejections } from "#app/connections/rejections.tsx";
import { Reconciliation } from "#app/connections/reconciliation.tsx";
import { span } from "#app/disputes/response-clock.tsx";
import { When } from "#app/ui/when.tsx";
import { consoleTitle } from "#app/frame/console-title.ts";
import { requireAdministrator, requireDesk } from "#app/access/console.server.ts";
import { found, submit } from "#app/http/http.server.ts";
import { lastRuns } from "#db/queries/reconcile.ts";
import { rejectionsOf } from "#db/queries/rejections.ts";
import { refusedOf } from "#db/queries/refused.ts";
import { callbackPath } from "#server/connections/start-grant.ts";
import { ConnectionForm, doToConnection } from "#server/connections/change-connection.ts";
import { fieldsOfSystem, setUpSteps, textOf } from "#server/connections/connection-form.ts";
import { connectionsWithHealth } from "#server/connections/connection-health.ts";
import { shownBody } from "#server/deliveries/shown-body.ts";

const doneWords = {
  add: "Added. Now set it up there: its first delivery shows here.",
  change: "Kept, and written to the ledger.",
  pause: "Paused. Nothing is taken from it or written to it.",
  resume: "It runs again.",
  dismiss: "Dismissed, and written to the ledger.",
};

export const meta = consoleTitle<typeof loader>(({ connection }) => connection.name);

const Settings = z.record(z.string(), z.unknown());

export async function loader({ request, params, context }: LoaderFunctionArgs) {
  const { scope } = await requireDesk(request, context);
  const id = found(params.id);
  const all = await connectionsWithHealth(context);
  const { settings, ...connection } = found(all.find((one) => one.id === id));
  const samples = await refusedOf(context.db, id);
  // An organisation's deliveries come to its app.
  const url = `${context.config.publicUrl}/webhooks/${connection.app ?? id}`;
  const callback = context.config.publicUrl + callbackPath;
  const entries = Object.entries(Settings.parse(JSON.parse(settings)));
  return {
    connection,
    url,
    steps: setUpSteps(connection, { url, callback }),
    fields: fieldsOfSystem(connection),
    isApp: context.connections.get(id)?.connector.app !== undefined,
    canBeRead: context.connections.get(id)?.connector.changedSince !== undefined,
    runs: await lastRuns(context.db, id, 5),
    rejections: await rejectionsOf(context.db, id, 50),
    organisations: all.flatMap(({ settings: _settings, ...one }) => (one.app === id ? [one] : [])),
    appName: all.find((one) => one.id === connection.app)?.name ?? null,
    values: Object.fromEntries(entries.map(([key, value]) => [`settings.${key}`, textOf(value)])),
    mayChange: scope.role === "administrator" && connection.from_file_at === null,
    mayTest: scope.role === "administrator",
    samples: samples.map(({ body, headers, ...sample }) => ({
      ...sample,
      headers: headerLines(headers),
      body: shownBody(body).text.slice(0, 1000),
    })),
  };
}

export async function action({ request, params, context }: ActionFunctionArgs) {
  const { actor } = await requireAdministrator(request, context);
  const { source } = actor;
  const id = found(params.id);
  return submit(request, ConnectionForm, async (form) => {
    const told = await doToConnection(context, source, { id, form });
    if (form.do === "remove") return redirect("/finance/connections?done=remove");
    if (told === null) return redirect(`/finance/connections/${id}?done=${form.do}`);
    const values: Record<string, string> = { do: form.do };
    return { message: told, errors: {}, values };
  });
}

export default function Connection() {
  const { connection, url, steps, samples, mayChange, mayTest, isApp, organisations, appName } =
    useLoaderData<typeof loader>();
  const { canBeRead, runs, rejections } = useLoaderData<typeof loader>();
  const answer = useAnswer<typeof action>();
  return (
    <>
      <WorkHead
        title={connection.name}
        summary={<Link to="/finance/connections">‹ Connections</Link>}
      />
      <WorkBody>
        <Done words={doneWords} />
        {answer?.values["do"] === "test" ? (
          <Notice
            tone={answer.message.startsWith("It answered") ? "done" : "late"}
            title={answer.message}
          />
        ) : null}
        <div className="two">
          <div>
            {isApp ? (
              <Organisations app={connection.id} rows={organisations} mayConnect={mayTest} />
            ) : null}
            {mayChange ? <Change /> : <ReadOnly />}
            <Rejections rows={rejections} mayDismiss={mayTest} />
            {canBeRead ? <Reconciliation runs={runs} /> : null}
            {connection.app === null ? (
              <Block title="Refused at the door" note="The last 50 requests that were not taken">
                <Samples samples={samples} />
              </Block>
            ) : null}
          </div>
          <div>
            <Block title="Health">
              <Health connection={connection} />
              {mayChange || mayTest ? (
                <div className="row case__take">
                  <Form method="post">
                    <button className="btn" name="do" value="test">
                      Test the connection
                    </button>
                  </Form>
                  {mayChange ? <Pause connection={connection} /> : null}
                </div>
              ) : null}
            </Block>
            {connection.app === null ? (
              <Block title="Set up there">
                <p className="small soft">Its address here, to be pasted there:</p>
                <pre className="raw setup__url">{url}</pre>
                <ol className="setup small">
                  {steps.map((step) => (
                    <li key={step}>{step}</li>
                  ))}
                </ol>
              </Block>
            ) : (
              <Access
                organisation={connection}
                app={{ id: connection.app, name: appName ?? connection.app }}
                mayConnect={mayTest}
                mayRemove={mayChange}
              />
            )}
          </div>
        </div>
      </WorkBody>
    </>
  );
}

/** Kept as a JSON object, shown as they stood in the request. */
function headerLines(headers: string): string {
  const read = z.record(z.string(), z.string()).parse(JSON.parse(headers));
  return Object.entries(read)
    .map(([name, value]) => `${name}: ${value}`)
    .join("\n");
}

type Loaded = ReturnType<typeof useLoaderData<typeof loader>>;

function Pause({ connection }: Pick<Loaded, "connection">) {
  if (connection.paused_at === null) {
    return (
      <AskFirst
        label="Pause"
        question="What the system sends is answered 503 then, and nothing is written back, until somebody resumes it."
        sure="Pause it"
        fields={{ do: "pause" }}
      />
    );
  }
  return (
    <Form method="post">
      <button className="btn" name="do" value="resume">
        Resume
      </button>
    </Form>
  );
}

function Health({ connection }: Pick<Loaded, "connection">) {
  const { last_delivery_at: last, delivered, refused, pinged, rejected, usualMs } = connection;
  return (
    <>
      <Pairs
        lined
        facts={[
          { term: "Health", value: <HealthMark health={connection.health} /> },
          { term: "Deliveries, 24 h", value: <HourBars counts={connection.hours} /> },
          { term: "Usually within", value: usualMs === null ? "not known yet" : span(usualMs) },
          { term: "Last delivery", value: last === null ? "–" : <When at={last} form="second" /> },
          { term: "Delivered", value: delivered.toLocaleString("en-GB") },
          { term: "Refused", value: refused.toLocaleString("en-GB") },
          {
            term: "Not used",
            value: rejected === 0 ? "–" : <span className="late">{notUsed(rejected)}</span>,
          },
          { term: "Pings", value: pinged.toLocaleString("en-GB") },
          { term: "System", value: `${connection.system}, ${connection.kind}` },
          { term: "Since", value: <When at={connection.created_at} form="date" /> },
        ]}
      />
    </>
  );
}

function ReadOnly() {
  const { connection, values, fields } = useLoaderData<typeof loader>();
  return (
    <Block title="Settings">
      <p className="small soft settings__why">
        {connection.from_file_at === null
          ? "An administrator changes connections."
          : "The connections file defines it: change it there and start again."}
      </p>
      <Pairs
        lined
        facts={fields.settings.map(({ name, label }) => ({
          term: label,
          value: <span className="breakable">{values[name] ?? "–"}</span>,
        }))}
      />
    </Block>
  );
}

function Change() {
  const { connection, fields, values, isApp } = useLoaderData<typeof loader>();
  const answer = useAnswer<typeof action>();
  const refused = answer?.values["do"] === "change" ? answer : undefined;
  const errors: Record<string, string> = refused?.errors ?? {};
  // Another form once it was sent: what was written into the fields of secrets goes.
  const { key } = useLocation();
  return (
    <Block title="Settings">
      <Form method="post" className="form" autoComplete="off" key={key}>
        <input type="hidden" name="do" value="change" />
        {refused ? <FormError>{refused.message}</FormError> : null}
        <div className="stack-4 case__take">
          <Field
            label="Name"
            name="name"
            required
            defaultValue={refused?.values["name"] ?? connection.name}
            error={errors["name"]}
          />
          {isApp ? null : (
            <Tick
              label="Also receives disputes"
              note="Told of disputes though another system owns the invoice"
              name="receivesDisputes"
              value="true"
              defaultChecked={connection.receives_disputes_at !== null}
            />
          )}
        </div>
        <ConnectionFields
          {...fields}
          isNew={false}
          values={refused?.values ?? values}
          errors={errors}
        />
        <Button look="main">Keep these settings</Button>
      </Form>
    </Block>
  );
}

function Samples({ samples }: Pick<Loaded, "samples">) {
  if (samples.length === 0) return <p className="small faint">Nobody was refused so far.</p>;
  return samples.map((sample) => (
    <details key={sample.id} className="sample">
      <summary className="small">
        <When at={sample.at} form="second" />, {sample.status}: {sample.reason}
      </summary>
      <pre className="raw">{`${sample.method}\n${sample.headers}\n\n${sample.body}`}</pre>
    </details>
  ));
}
