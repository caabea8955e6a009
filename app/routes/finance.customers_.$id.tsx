import { type ActionFunctionArgs, type LoaderFunctionArgs, redirect } from "@remix-run/node";
import { Form, Link, useLoaderData, useLocation } from "@remix-run/react";
import { z } from "zod";
import { useAnswer } from "#app/ui/answer.ts";
import { Ageing } from "#app/invoices/ageing.tsx";
import { Button } from "#app/ui/button.tsx";
import { AskFirst } from "#app/ui/ask-first.tsx";
import { WorkBody, WorkHead } from "#app/frame/console-frame.tsx";
import { Done } from "#app/ui/done.tsx";
import { SelectField } from "#app/ui/field.tsx";
import { idThere } from "#app/frame/id-there.ts";
import { ActionTh, LedgerTable, Row, Td, Th } from "#app/ui/ledger-table.tsx";
import { EmptyState, Notice } from "#app/ui/notice.tsx";
import { Block } from "#app/ui/page.tsx";
import { PersonFields } from "#app/people/person-fields.tsx";
import { Picker } from "#app/ui/picker.tsx";
import { When } from "#app/ui/when.tsx";
import { consoleTitle } from "#app/frame/console-title.ts";
import { requireDesk, requireWorker } from "#app/access/console.server.ts";
import { found, submit } from "#app/http/http.server.ts";
import { ageingOf, findCustomer } from "#db/queries/customers.ts";
import { peopleOf } from "#db/queries/people.ts";
import { recordsOf } from "#db/queries/records.ts";
import {
  LinkHereForm,
  linkPicked,
  unlinkRecord,
  UnlinkForm,
} from "#server/customers/link-record.ts";
import { RemoveForm, removePerson } from "#server/people/remove-person.ts";
import { RevokeForm, revokeInvitation } from "#server/people/revoke-invitation.ts";
import { InviteForm, inviteUser } from "#server/people/invite-user.ts";

const Actions = z.discriminatedUnion("do", [
  InviteForm.extend({ do: z.literal("invite") }),
  RevokeForm,
  RemoveForm,
  UnlinkForm,
  LinkHereForm,
]);

const doneWords = {
  created: "The customer is here. Link its customer records and invite its people.",
  invite: "The invitation is on its way.",
  revoke: "The invitation was taken back. Its link works no longer.",
  remove:
    "Removed. They are signed out and see these invoices no longer; what they invited to is taken back.",
  unlink: "Unlinked. This customer sees those invoices no longer.",
  link: "Linked. This customer sees those invoices from now on.",
};

export const meta = consoleTitle<typeof loader>(({ customer }) => customer.name);

export async function loader({ request, params, context }: LoaderFunctionArgs) {
  const { scope, today } = await requireDesk(request, context);
  const { db } = context;
  const customer = found(await findCustomer(db, found(params.id)));
  const [people, records, sums] = await Promise.all([
    peopleOf(db, customer.id),
    recordsOf(db, customer.id),
    ageingOf(db, [customer.id], today),
  ]);
  return { customer, people, records, sums, today, mayChange: scope.mayChange };
}

export async function action({ request, params, context }: ActionFunctionArgs) {
  const { scope, actor } = await requireWorker(request, context);
  const { source } = actor;
  const customerId = found(params.id);
  return submit(request, Actions, async (form) => {
    if (form.do === "invite") {
      const inviter = { userId: scope.userId, name: scope.name };
      await inviteUser(context, { ...form, customerId, source, inviter, side: "supplier" });
    } else if (form.do === "revoke") {
      await revokeInvitation(context, source, { customerId, invitation: form.invitation });
    } else if (form.do === "remove") {
      await removePerson(context, source, { customerId, user: form.user });
    } else if (form.do === "link") {
      await linkPicked(context, source, { ...form, customer: customerId });
    } else {
      await unlinkRecord(context, source, form.record);
    }
    return redirect(`/finance/customers/${customerId}?done=${form.do}`);
  });
}

export default function Customer() {
  const { customer, people, records, sums, today, mayChange } = useLoaderData<typeof loader>();
  const refused = useAnswer<typeof action>();
  const hasFields = Object.keys(refused?.errors ?? {}).length > 0;
  return (
    <>
      <WorkHead
        title={customer.name}
        summary={<Link to="/finance/customers">‹ All customers</Link>}
      />
      <WorkBody>
        <Done words={doneWords} />
        {refused && !hasFields ? <Notice tone="late" title={refused.message} /> : null}
        <Block title="Open amounts" note="Each currency for itself">
          {sums.length === 0 ? <p className="small faint">Nothing is open.</p> : null}
          {sums.map((sum) => (
            <Ageing
              key={sum.currency}
              currency={sum.currency}
              asOf={today}
              buckets={bucketsOf(sum)}
            />
          ))}
        </Block>
        <Block title="Customer records" note="What connections call this customer">
          <Records records={records} mayChange={mayChange} />
          {mayChange ? <LinkOne error={refused?.errors["record"]} /> : null}
        </Block>
        <Block title="People">
          <People people={people} mayChange={mayChange} />
        </Block>
        {mayChange ? (
          <Block title="Invite somebody" note="They get a mail and sign in by a link">
            <Invite />
          </Block>
        ) : null}
      </WorkBody>
    </>
  );
}

type Loaded = ReturnType<typeof useLoaderData<typeof loader>>;

function bucketsOf(sum: Loaded["sums"][number]) {
  const late = sum.late_1_30 + sum.late_31_60 + sum.late_61_90 + sum.late_over_90;
  return {
    not_due: { amount: sum.open - late, invoices: sum.invoices_not_due },
    "1_30": { amount: sum.late_1_30, invoices: sum.invoices_1_30 },
    "31_60": { amount: sum.late_31_60, invoices: sum.invoices_31_60 },
    "61_90": { amount: sum.late_61_90, invoices: sum.invoices_61_90 },
    over_90: { amount: sum.late_over_90, invoices: sum.invoices_over_90 },
  };
}

function Records({ records, mayChange }: Pick<Loaded, "records" | "mayChange">) {
  if (records.length === 0) {
    return <EmptyState title="No customer record is linked" text="So they see no invoice yet." />;
  }
  return (
    <LedgerTable caption="Customer records" plain stacked>
      <thead>
        <tr>
          <Th>Name there</Th>
          <Th>Connection</Th>
          <Th>Its id there</Th>
          <Th numeric>Invoices</Th>
          <ActionTh />
        </tr>
      </thead>
      <tbody>
        {records.map((record) => (
          <Row key={record.id}>
            <Td phone="full">{record.name}</Td>
            <Td phone="lead">{record.connection_id}</Td>
            <Td>
              {idThere(record.external_key) || "–"}
              <small>
                <a href={`/finance/audit/proof?record=${encodeURIComponent(record.id)}`} download>
                  Chain with proof
                </a>
              </small>
            </Td>
            <Td numeric label="Invoices">
              {record.invoices}
            </Td>
            <Td>
              {mayChange ? (
                <AskFirst
                  label="Unlink"
                  question={`Nobody of this customer sees the invoices of ${record.name} then.`}
                  sure="Unlink it"
                  fields={{ do: "unlink", record: record.id }}
                />
              ) : null}
            </Td>
          </Row>
        ))}
      </tbody>
    </LedgerTable>
  );
}

function People({ people, mayChange }: Pick<Loaded, "people" | "mayChange">) {
  const { members, invited } = people;
  if (members.length + invited.length === 0) {
    return <p className="small faint">Nobody can sign in for this customer yet.</p>;
  }
  return (
    <LedgerTable caption="People and invitations" plain stacked>
      <thead>
        <tr>
          <Th>Name</Th>
          <Th>Address</Th>
          <Th>Role</Th>
          <Th>State</Th>
          <ActionTh />
        </tr>
      </thead>
      <tbody>
        {members.map((person) => (
          <Row key={person.id}>
            <Td phone="full">{person.name}</Td>
            <Td phone="lead">{person.email}</Td>
            <Td>{person.role}</Td>
            <Td>Member</Td>
            <Td>
              {mayChange ? (
                <AskFirst
                  label="Remove"
                  question={`${person.name} is signed out at once and sees no invoice of this customer. Invitations of theirs that nobody accepted are taken back.`}
                  sure="Remove them"
                  fields={{ do: "remove", user: person.id }}
                />
              ) : null}
            </Td>
          </Row>
        ))}
        {invited.map((invitation) => (
          <Row key={invitation.id}>
            <Td phone="full" tone="faint">
              {invitation.name ?? "Invited"}
            </Td>
            <Td phone="lead">{invitation.email}</Td>
            <Td>{invitation.role}</Td>
            <Td>
              Invited until <When at={invitation.expiresAt} />
              {invitation.refusedAt ? (
                <small className="late">
                  The address refused the mail: take the invitation back and invite the right one.
                </small>
              ) : null}
            </Td>
            <Td>
              {mayChange ? (
                <AskFirst
                  label="Revoke"
                  question={`The link that ${invitation.email} got works no longer then.`}
                  sure="Revoke it"
                  fields={{ do: "revoke", invitation: invitation.id }}
                />
              ) : null}
            </Td>
          </Row>
        ))}
      </tbody>
    </LedgerTable>
  );
}

function LinkOne({ error }: { error: string | undefined }) {
  const { key } = useLocation();
  return (
    <Form method="post" className="row searchline" key={key}>
      <input type="hidden" name="do" value="link" />
      <Picker
        label="Link a customer record"
        name="record"
        from="/finance/pick/records"
        hint="One that belongs to no customer yet, by its name or id there"
        error={error}
      />
      <Button>Link</Button>
    </Form>
  );
}

function Invite() {
  const refused = useAnswer<typeof action>();
  const { values = {}, errors = {} } = refused?.values["do"] === "invite" ? refused : {};
  return (
    <Form method="post" className="form stack-4">
      <input type="hidden" name="do" value="invite" />
      <PersonFields values={values} errors={errors} />
      <SelectField
        label="Role"
        name="role"
        defaultValue={values["role"] ?? "member"}
        error={errors["role"]}
        options={[
          ["member", "Member: sees and disputes invoices"],
          ["admin", "Administrator: also invites colleagues"],
        ]}
      />
      <p>
        <Button look="main">Send invitation</Button>
      </p>
    </Form>
  );
}
