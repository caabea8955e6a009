import { type ActionFunctionArgs, type LoaderFunctionArgs, redirect } from "@remix-run/node";
import { Form, useActionData, useLoaderData } from "@remix-run/react";
import { z } from "zod";
import { Button } from "#app/components/button.tsx";
import { WorkBody, WorkHead } from "#app/components/console-frame.tsx";
import { SelectField } from "#app/components/field.tsx";
import { ActionTh, LedgerTable, Row, Td, Th } from "#app/components/ledger-table.tsx";
import { Notice } from "#app/components/notice.tsx";
import { Block } from "#app/components/page.tsx";
import { When } from "#app/components/when.tsx";
import { requireAdministrator } from "#app/console.server.ts";
import { PersonFields } from "#app/components/person-fields.tsx";
import { submit } from "#app/http.server.ts";
import { listStaff } from "#db/queries/customers.ts";
import { addStaff, StaffForm } from "#server/finance/add-staff.ts";
import { endStaff } from "#server/finance/end-staff.ts";

const Actions = z.discriminatedUnion("do", [
  StaffForm.extend({ do: z.literal("add") }),
  z.object({ do: z.literal("end"), user: z.string().min(1) }),
]);

export async function loader({ request, context }: LoaderFunctionArgs) {
  const { scope } = await requireAdministrator(request, context);
  return { staff: await listStaff(context.db), me: scope.userId };
}

export async function action({ request, context }: ActionFunctionArgs) {
  const { actor } = await requireAdministrator(request, context);
  return submit(request, Actions, async (form) => {
    if (form.do === "add") await addStaff(context, actor.source, form);
    else await endStaff(context, actor, form.user);
    return redirect("/finance/people");
  });
}

export default function People() {
  const { staff, me } = useLoaderData<typeof loader>();
  const refused = useActionData<typeof action>();
  const { values = {}, errors = {} }: Partial<{ values: Words; errors: Words }> = refused ?? {};
  return (
    <>
      <WorkHead title="People" summary="Who works with the console" />
      <WorkBody>
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
                  {person.id === me ? <span className="faint">you</span> : <End id={person.id} />}
                </Td>
              </Row>
            ))}
          </tbody>
        </LedgerTable>
        <Block title="Add or change somebody" note="They sign in by a mailed link">
          <Form method="post" className="form stack-4">
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
      </WorkBody>
    </>
  );
}

type Words = Record<string, string>;

function End({ id }: { id: string }) {
  return (
    <Form method="post">
      <input type="hidden" name="do" value="end" />
      <input type="hidden" name="user" value={id} />
      <Button look="plain">End</Button>
    </Form>
  );
}
