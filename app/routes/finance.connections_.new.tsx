import { type ActionFunctionArgs, type LoaderFunctionArgs, redirect } from "@remix-run/node";
import { Form, Link, useLoaderData } from "@remix-run/react";
import { useAnswer } from "#app/ui/answer.ts";
import { Button } from "#app/ui/button.tsx";
import { ConnectionFields } from "#app/connections/connection-fields.tsx";
import { WorkBody, WorkHead } from "#app/frame/console-frame.tsx";
import { Field, SelectField } from "#app/ui/field.tsx";
import { FormError } from "#app/ui/form.tsx";
import { Block } from "#app/ui/page.tsx";
import { consoleTitle } from "#app/frame/console-title.ts";
import { requireAdministrator } from "#app/access/console.server.ts";
import { submit } from "#app/http/http.server.ts";
import { callbackPath } from "#server/connections/start-grant.ts";
import { addConnection, NewConnectionForm } from "#server/connections/change-connection.ts";
import { fieldsOfSystem, setUpSteps, systems } from "#server/connections/connection-form.ts";

export const meta = consoleTitle("Add a connection");

export async function loader({ request, context }: LoaderFunctionArgs) {
  await requireAdministrator(request, context);
  const all = systems();
  const asked = new URL(request.url).searchParams.get("system");
  const system = all.find(({ id }) => id === asked);
  const address = `${context.config.publicUrl}/webhooks/…`;
  const callback = context.config.publicUrl + callbackPath;
  return {
    systems: all,
    system: system ?? null,
    fields: system ? fieldsOfSystem({ system: system.id }) : null,
    steps: system ? setUpSteps({ system: system.id }, { url: address, callback }) : [],
    address,
  };
}

export async function action({ request, context }: ActionFunctionArgs) {
  const { actor } = await requireAdministrator(request, context);
  const { source } = actor;
  return submit(request, NewConnectionForm, async (form) =>
    redirect(`/finance/connections/${await addConnection(context, source, form)}?done=add`),
  );
}

export default function NewConnection() {
  const { systems, system, fields, steps, address } = useLoaderData<typeof loader>();
  const refused = useAnswer<typeof action>();
  const { values = {}, errors = {} } = refused ?? {};
  return (
    <>
      <WorkHead
        title="Add a connection"
        still
        summary={<Link to="/finance/connections">‹ Connections</Link>}
      />
      <WorkBody>
        <Form className="row searchline">
          <SelectField
            label="System"
            name="system"
            defaultValue={system?.id ?? ""}
            options={[
              ["", "Choose a system"],
              ...systems.map(({ id, name }) => [id, name] as const),
            ]}
          />
          <Button look={system === null ? "main" : "plain"}>Show its settings</Button>
        </Form>
        {system === null || fields === null ? null : (
          <div className="two">
            <Block title={system.name} note={system.kind}>
              <Form method="post" className="form" autoComplete="off" key={system.id}>
                <input type="hidden" name="do" value="add" />
                <input type="hidden" name="system" value={system.id} />
                {refused ? <FormError>{refused.message}</FormError> : null}
                <div className="stack-4 case__take">
                  <Field
                    label="Short name"
                    name="id"
                    required
                    hint={`Ends its address, ${address}. Lower-case letters, digits and hyphens.`}
                    defaultValue={values["id"] ?? ""}
                    error={errors["id"]}
                  />
                  <Field
                    label="Name"
                    name="name"
                    defaultValue={values["name"] ?? system.name}
                    error={errors["name"]}
                  />
                </div>
                <ConnectionFields {...fields} isNew values={values} errors={errors} />
                <Button look="main">Add {system.name}</Button>
              </Form>
            </Block>
            <Block title="Set up there">
              <ol className="setup small">
                {steps.map((step) => (
                  <li key={step}>{step}</li>
                ))}
              </ol>
            </Block>
          </div>
        )}
      </WorkBody>
    </>
  );
}
