import { type ActionFunctionArgs, type LoaderFunctionArgs, redirect } from "@remix-run/node";
import { Form, useLoaderData, useLocation } from "@remix-run/react";
import { z } from "zod";
import { useAnswer } from "#app/ui/answer.ts";
import { Button } from "#app/ui/button.tsx";
import { AskFirst } from "#app/ui/ask-first.tsx";
import { WorkBody, WorkHead } from "#app/frame/console-frame.tsx";
import { Done } from "#app/ui/done.tsx";
import { SelectField, Tick } from "#app/ui/field.tsx";
import { ActionTh, LedgerTable, Row, Td, Th } from "#app/ui/ledger-table.tsx";
import { Notice } from "#app/ui/notice.tsx";
import { Block } from "#app/ui/page.tsx";
import { When } from "#app/ui/when.tsx";
import { consoleTitle } from "#app/frame/console-title.ts";
import { requireAdministrator, requireOverseer } from "#app/access/console.server.ts";
import { PersonFields } from "#app/people/person-fields.tsx";
import { submit } from "#app/http/http.server.ts";
import { listStaff } from "#db/queries/customers.ts";
import { listKeys } from "#server/access/api-keys.ts";
import { addStaff, StaffForm } from "#server/people/add-staff.ts";
import { EndForm, endStaff } from "#server/people/end-staff.ts";

const Actions = z.discriminatedUnion("do", [StaffForm.extend({ do: z.literal("add") }), EndForm]);

const doneWords = {
  add: "Kept. They sign in by a mailed link.",
  end: "Ended. They are signed out and have no role any more; what they invited to is taken back. Their API keys that you did not tick go on; the list of keys names who made them.",
};

export const meta = consoleTitle("People");

export async function loader({ request, context }: LoaderFunctionArgs) {
  const { scope, mayChange } = await requireOverseer(request, context);
  const working = (await listKeys(context)).filter(({ revokedAt }) => revokedAt === null);
  const staff = (await listStaff(context.db)).map((person) => ({
    ...person,
    keys: working
      .filter(({ madeBy }) => madeBy === person.id)
      .map(({ id, name }) => ({ id, name })),
  }));
  return { staff, me: scope.userId, mayChange };
}

export async function action({ request, context }: ActionFunctionArgs) {
  const { actor } = await requireAdministrator(request, context);
  return submit(request, Actions, async (form) => {
    if (form.do === "add") await addStaff(context, actor.source, form);
    else await endStaff(context, actor, form);
    return redirect(`/finance/people?done=${form.do}`);
  });
}

export default function People() {
  const { staff, me, mayChange } = useLoaderData<typeof loader>();
  const refused = useAnswer<typeof action>();
  return (
    <>
      <WorkHead title="People" summary="Who works with the console" />
      <WorkBody>
        <Done words={doneWords} />
        {refused ? <Notice tone="late" title={refused.message} /> : null}
        <LedgerTable caption="People" plain stacked>
          <thead>
            <tr>
              <Th>Name</Th>
              <Th>Address</Th>
              <Th>Role</Th>
              <Th numeric>Since</Th>
              <ActionTh />
            </tr>
          </thead>
          <tbody>
            {staff.map((person) => (
              <Row key={person.id}>
                <Td phone="full">{person.name}</Td>
                <Td phone="lead">{person.email}</Td>
                <Td>{person.staffRole}</Td>
                <Td numeric>
                  <When at={person.createdAt} form="date" />
                </Td>
                <Td>
                  {person.id === me ? <span className="faint">you</span> : null}
                  {mayChange && person.id !== me ? <End {...person} /> : null}
                </Td>
              </Row>
            ))}
          </tbody>
        </LedgerTable>
        {mayChange ? <AddOrChange /> : null}
      </WorkBody>
    </>
  );
}

function AddOrChange() {
  const refused = useAnswer<typeof action>();
  const { key } = useLocation();
  const { values = {}, errors = {} }: Partial<{ values: Words; errors: Words }> = refused ?? {};
  return (
    <Block title="Add or change somebody" note="They sign in by a mailed link">
      <Form method="post" className="form stack-4" key={key}>
        <input type="hidden" name="do" value="add" />
        <PersonFields values={values} errors={errors} />
        <SelectField
          label="Role"
          name="role"
          defaultValue={values["role"] ?? "finance"}
          error={errors["role"]}
          options={[
            ["finance", "Finance: works disputes, deliveries and mail"],
            ["administrator", "Administrator: also connections, people and keys"],
            ["auditor", "Auditor: reads everything, changes nothing"],
          ]}
        />
        <p>
          <Button look="main">Keep</Button>
        </p>
      </Form>
    </Block>
  );
}

type Words = Record<string, string>;

interface Person {
  id: string;
  name: string;
  keys: readonly { id: string; name: string }[];
}

/** A key works for whoever has it: those that a person made end with them where they are ticked. */
function End({ id, name, keys }: Person) {
  return (
    <AskFirst
      label="End"
      question={`${name} is signed out at once and cannot use the console any more.`}
      sure="End their role"
      fields={{ do: "end", user: id }}
    >
      {keys.length === 0 ? null : (
        <fieldset>
          <legend className="small">
            API keys that {name} made go on working. Tick those to revoke:
          </legend>
          {keys.map((key) => (
            <Tick key={key.id} label={key.name} name="keys" value={key.id} />
          ))}
        </fieldset>
      )}
    </AskFirst>
  );
}
