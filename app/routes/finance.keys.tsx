import { type ActionFunctionArgs, type LoaderFunctionArgs, redirect } from "@remix-run/node";
import { Form, useActionData, useLoaderData } from "@remix-run/react";
import { z } from "zod";
import { Button } from "#app/components/button.tsx";
import { WorkBody, WorkHead } from "#app/components/console-frame.tsx";
import { Field, SelectField } from "#app/components/field.tsx";
import { ActionTh, LedgerTable, Row, Td, Th } from "#app/components/ledger-table.tsx";
import { EmptyState, Notice } from "#app/components/notice.tsx";
import { Block } from "#app/components/page.tsx";
import { RightsTable } from "#app/components/rights-table.tsx";
import { When } from "#app/components/when.tsx";
import { requireAdministrator } from "#app/console.server.ts";
import { submit } from "#app/http.server.ts";
import { customerNames } from "#db/queries/customers.ts";
import { rightsTable } from "#server/api/rights.ts";
import { createKey, KeyForm, listKeys, revokeKey } from "#server/finance/api-keys.ts";

const Actions = z.union([
  z.object({ do: z.literal("revoke"), key: z.string().min(1) }),
  z.object({ do: z.literal("create") }).and(KeyForm),
]);

export async function loader({ request, context }: LoaderFunctionArgs) {
  await requireAdministrator(request, context);
  const customers = await customerNames(context.db);
  return { keys: await listKeys(context), customers, rights: rightsTable() };
}

export async function action({ request, context }: ActionFunctionArgs) {
  const { actor } = await requireAdministrator(request, context);
  const { source } = actor;
  return submit(request, Actions, async (form) => {
    if (form.do === "revoke") {
      await revokeKey(context, source, form.key);
      return redirect("/finance/keys");
    }
    const { name, key } = await createKey(context, source, form);
    return { message: name, errors: {}, values: {}, key };
  });
}

export default function Keys() {
  const { keys, customers, rights } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const made = answer && "key" in answer ? answer : undefined;
  const refused = made ? undefined : answer;
  const errors: Record<string, string> = refused?.errors ?? {};
  return (
    <>
      <WorkHead title="API keys" summary="Programs that read and write through /api/v1">
        <a href="/api">How to use them</a>
      </WorkHead>
      <WorkBody>
        {made ? (
          <Notice tone="done" title={`The key of ${made.message}. It is shown this once:`}>
            <code className="mono breakable">{made.key}</code>
          </Notice>
        ) : null}
        {refused ? <Notice tone="late" title={refused.message} /> : null}
        {keys.length === 0 ? (
          <EmptyState title="No program has a key" />
        ) : (
          <KeyList keys={keys} customers={customers} />
        )}
        <Block title="New key">
          <Form method="post" className="form stack-4">
            <input type="hidden" name="do" value="create" />
            <Field label="Program" name="name" required maxLength={100} error={errors["name"]} />
            <SelectField
              label="May"
              name="role"
              error={errors["role"]}
              options={[
                ["finance", "Finance: read everything, work disputes"],
                ["auditor", "Auditor: read everything, change nothing"],
                ["administrator", "Administrator"],
                ["customer", "One customer: its own invoices and disputes"],
              ]}
            />
            <SelectField
              label="Customer"
              name="customer"
              hint="Only for a customer's key"
              error={errors["customer"]}
              options={[["", "None"], ...customers.map(({ id, name }) => [id, name] as const)]}
            />
            <Field
              label="Valid through"
              name="expires"
              type="date"
              hint="A day in UTC; empty: until it is revoked"
              error={errors["expires"]}
            />
            <p>
              <Button look="main">Make key</Button>
            </p>
          </Form>
        </Block>
        <Block title="What a key may do">
          <RightsTable {...rights} />
        </Block>
      </WorkBody>
    </>
  );
}

type Loaded = ReturnType<typeof useLoaderData<typeof loader>>;

function KeyList({ keys, customers }: Pick<Loaded, "keys" | "customers">) {
  const names = new Map(customers.map(({ id, name }) => [id, name]));
  return (
    <LedgerTable caption="API keys" plain stacked>
      <thead>
        <tr>
          <Th>Program</Th>
          <Th>May</Th>
          <Th numeric>Made</Th>
          <Th numeric>Last used</Th>
          <Th numeric>Expires</Th>
          <ActionTh />
        </tr>
      </thead>
      <tbody>
        {keys.map((key) => (
          <Row key={key.id}>
            <Td phone="full">
              {key.name}
              <small>{key.id}</small>
            </Td>
            <Td phone="lead">
              {key.customer === null ? key.role : (names.get(key.customer) ?? key.customer)}
            </Td>
            <Td numeric label="Made">
              <When at={key.createdAt} />
            </Td>
            <Td numeric label="Last used">
              {key.lastUsedAt === null ? "never" : <When at={key.lastUsedAt} />}
            </Td>
            <Td numeric label="Expires">
              {key.expiresAt === null ? "never" : <When at={key.expiresAt} />}
            </Td>
            <Td>
              {key.revokedAt === null ? (
                <Form method="post">
                  <input type="hidden" name="do" value="revoke" />
                  <input type="hidden" name="key" value={key.id} />
                  <Button look="plain">Revoke</Button>
                </Form>
              ) : (
                <span className="faint">
                  revoked <When at={key.revokedAt} />
                </span>
              )}
            </Td>
          </Row>
        ))}
      </tbody>
    </LedgerTable>
  );
}
