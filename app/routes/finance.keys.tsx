import { type ActionFunctionArgs, type LoaderFunctionArgs, redirect } from "@remix-run/node";
import { Form, useLoaderData, useLocation } from "@remix-run/react";
import { z } from "zod";
import { useAnswer } from "#app/ui/answer.ts";
import { Button } from "#app/ui/button.tsx";
import { AskFirst } from "#app/ui/ask-first.tsx";
import { WorkBody, WorkHead } from "#app/frame/console-frame.tsx";
import { Done } from "#app/ui/done.tsx";
import { Field, SelectField } from "#app/ui/field.tsx";
import { ActionTh, LedgerTable, Row, Td, Th } from "#app/ui/ledger-table.tsx";
import { EmptyState, Notice } from "#app/ui/notice.tsx";
import { Block } from "#app/ui/page.tsx";
import { RightsTable } from "#app/people/rights-table.tsx";
import { When } from "#app/ui/when.tsx";
import { CustomerPicker } from "#app/ui/picker.tsx";
import { consoleTitle } from "#app/frame/console-title.ts";
import { requireAdministrator, requireOverseer } from "#app/access/console.server.ts";
import { submit } from "#app/http/http.server.ts";
import { listStaff } from "#db/queries/customers.ts";
import { namesOf } from "#db/queries/names.ts";
import { rightsTable } from "#server/api/rights.ts";
import { createKey, KeyForm, listKeys, revokeKey } from "#server/access/api-keys.ts";

export const meta = consoleTitle("API keys");

const Actions = z.union([
  z.object({ do: z.literal("revoke"), key: z.string().min(1) }),
  z.object({ do: z.literal("create") }).and(KeyForm),
]);

export async function loader({ request, context }: LoaderFunctionArgs) {
  const { mayChange } = await requireOverseer(request, context);
  const keys = await listKeys(context);
  const names = await namesOf(
    context.db,
    keys.flatMap(({ customer, madeBy }) => [customer ?? [], madeBy ?? []].flat()),
  );
  const staff = new Set((await listStaff(context.db)).map(({ id }) => id));
  return {
    keys: keys.map((key) => ({
      ...key,
      customerName: names.get(key.customer ?? "") ?? null,
      maker: key.madeBy === null ? null : (names.get(key.madeBy) ?? key.madeBy),
      isMakerGone: key.madeBy !== null && !staff.has(key.madeBy),
    })),
    rights: rightsTable(),
    mayChange,
  };
}

export async function action({ request, context }: ActionFunctionArgs) {
  const { actor } = await requireAdministrator(request, context);
  const { source } = actor;
  return submit(request, Actions, async (form) => {
    if (form.do === "revoke") {
      await revokeKey(context, source, form.key);
      return redirect("/finance/keys?done=revoke");
    }
    const { name, key } = await createKey(context, source, form);
    return { message: name, errors: {}, values: {}, key };
  });
}

export default function Keys() {
  const { keys, rights, mayChange } = useLoaderData<typeof loader>();
  const answer = useAnswer<typeof action>();
  const made = answer && "key" in answer ? answer : undefined;
  const refused = made ? undefined : answer;
  return (
    <>
      <WorkHead title="API keys" summary="Programs that read and write through /api/v1">
        <a href="/api">How to use them</a>
      </WorkHead>
      <WorkBody>
        <Done words={{ revoke: "Revoked. Its program is refused from now on." }} />
        {made ? (
          <Notice tone="done" title={`The key of ${made.message}. It is shown this once:`}>
            <code className="mono breakable">{made.key}</code>
          </Notice>
        ) : null}
        {refused ? <Notice tone="late" title={refused.message} /> : null}
        {keys.length === 0 ? (
          <EmptyState title="No program has a key" />
        ) : (
          <KeyList keys={keys} mayChange={mayChange} />
        )}
        {mayChange ? <NewKey /> : null}
        <Block title="What a key may do">
          <RightsTable {...rights} />
        </Block>
      </WorkBody>
    </>
  );
}

type Loaded = ReturnType<typeof useLoaderData<typeof loader>>;

function NewKey() {
  const answer = useAnswer<typeof action>();
  const { key } = useLocation();
  const { errors, values }: Partial<Record<"errors" | "values", Words>> = answer ?? {};
  return (
    <Block title="New key">
      <Form method="post" className="form stack-4" key={key}>
        <input type="hidden" name="do" value="create" />
        <Field
          label="Program"
          name="name"
          required
          defaultValue={values?.["name"]}
          maxLength={100}
          error={errors?.["name"]}
        />
        <SelectField
          label="May"
          name="role"
          error={errors?.["role"]}
          options={[
            ["finance", "Finance: read everything, work disputes"],
            ["auditor", "Auditor: read everything, change nothing"],
            ["administrator", "Administrator"],
            ["customer", "One customer: its own invoices and disputes"],
          ]}
        />
        <CustomerPicker hint="Only for a customer's key" error={errors?.["customer"]} />
        <Field
          label="Valid through"
          name="expires"
          type="date"
          hint="A day in UTC; empty: until it is revoked"
          error={errors?.["expires"]}
        />
        <p>
          <Button look="main">Make key</Button>
        </p>
      </Form>
    </Block>
  );
}

type Words = Record<string, string>;

function KeyList({ keys, mayChange }: Pick<Loaded, "keys" | "mayChange">) {
  return (
    <LedgerTable caption="API keys" plain stacked>
      <thead>
        <tr>
          <Th>Program</Th>
          <Th>May</Th>
          <Th numeric>Made</Th>
          <Th numeric>Last used</Th>
          <Th numeric>Valid through</Th>
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
              {key.customer === null ? key.role : (key.customerName ?? key.customer)}
            </Td>
            <Td numeric label="Made">
              <When at={key.createdAt} />
              <small>{madeBy(key)}</small>
            </Td>
            <Td numeric label="Last used">
              {key.lastUsedAt === null ? "never" : <When at={key.lastUsedAt} />}
            </Td>
            <Td numeric label="Valid through">
              {key.validThrough === null ? (
                "until revoked"
              ) : (
                <When at={key.validThrough} form="date" />
              )}
            </Td>
            <Td>
              {key.revokedAt === null ? (
                mayChange ? (
                  <AskFirst
                    label="Revoke"
                    question={`${key.name} is refused at once, for good.`}
                    sure="Revoke the key"
                    fields={{ do: "revoke", key: key.id }}
                  />
                ) : null
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

/** A key goes on when its maker's role has ended: who made it is said with that. */
function madeBy({ maker, isMakerGone }: { maker: string | null; isMakerGone: boolean }): string {
  if (maker === null) return "by a command";
  return isMakerGone ? `by ${maker}, who has no role any more` : `by ${maker}`;
}
