import {
  type ActionFunctionArgs,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from "@remix-run/node";
import { useLoaderData, useSearchParams } from "@remix-run/react";
import { z } from "zod";
import { useAnswer } from "#app/ui/answer.ts";
import { customersOfReader, requireCustomer, requireSession } from "#app/access/auth.server.ts";
import { PostForm } from "#app/ui/post-form.tsx";
import { Button, ButtonLink } from "#app/ui/button.tsx";
import { SelectField } from "#app/ui/field.tsx";
import { FormError } from "#app/ui/form.tsx";
import { Notice } from "#app/ui/notice.tsx";
import { PageHead, Section } from "#app/ui/page.tsx";
import { PreferencesFields } from "#app/people/preferences-form.tsx";
import { PersonFields } from "#app/people/person-fields.tsx";
import { Sessions } from "#app/people/sessions.tsx";
import { submit } from "#app/http/http.server.ts";
import { ownSessions } from "#app/people/own-sessions.server.ts";
import { preferencesOf } from "#app/people/preferences.server.ts";
import { peopleOf } from "#db/queries/people.ts";
import { customerPath } from "#domain/customer-path.ts";
import { RequestError } from "#server/errors.ts";
import { changePreferences, PreferencesForm } from "#server/people/change-preferences.ts";
import { InviteForm, inviteUser } from "#server/people/invite-user.ts";

export const meta: MetaFunction = () => [{ title: "Settings" }];

export async function loader({ request, params, context }: LoaderFunctionArgs) {
  const scope = await requireCustomer({ request, params, context });
  const session = await requireSession(request, context);
  return {
    preferences: await preferencesOf(context, session),
    company: scope.customerName,
    email: session.email,
    administers: scope.administers,
    several: (await customersOfReader(context)).length > 1,
    people: await peopleOf(context.db, scope.customerId),
    sessions: await ownSessions(context, session),
  };
}

const SettingsForm = z.discriminatedUnion("do", [
  PreferencesForm.extend({ do: z.literal("preferences") }),
  InviteForm.extend({ do: z.literal("invite"), role: z.enum(["admin", "member"]) }),
]);

export async function action({ request, params, context }: ActionFunctionArgs) {
  const scope = await requireCustomer({ request, params, context });
  const session = await requireSession(request, context);
  return submit(request, SettingsForm, async (form) => {
    if (form.do === "preferences") {
      await changePreferences(context, session, form);
      return redirect(customerPath(scope.customerId, "/settings?done=saved"));
    }
    if (!scope.administers) throw new RequestError(403, "Only administrators can invite people");
    await inviteUser(context, {
      ...form,
      customerId: scope.customerId,
      source: { kind: "user", user: scope.userId },
      inviter: { userId: scope.userId, name: scope.userName },
      side: "customer",
    });
    context.wakeOutbox();
    return redirect(customerPath(scope.customerId, "/settings?done=invited"));
  });
}

export default function Settings() {
  const { company, email, people, several, preferences, sessions } = useLoaderData<typeof loader>();
  const refused = useAnswer<typeof action>();
  const [search] = useSearchParams();
  const done = search.get("done");
  return (
    <>
      <PageHead title="Settings" text={`${email}, ${company}`} />
      {done === "saved" && !refused ? <Notice tone="done" title="Your choice was saved." /> : null}
      {done === "invited" && !refused ? (
        <Notice tone="done" title="The invitation is on its way." />
      ) : null}
      {refused ? <FormError>{refused.message}</FormError> : null}
      <Section title="You" note="How you see times and amounts, and which mail you get.">
        <PreferencesFields {...preferences} errors={refused?.errors ?? {}} />
      </Section>
      <Section title="People" note="Who sees your company's invoices.">
        <ul className="files">
          {people.members.map(({ id, name, email: address, role }) => (
            <li key={id}>
              <span>
                {name}, {address}
              </span>
              <span className="faint">{roleWord(role)}</span>
            </li>
          ))}
          {people.invited.map(({ id, name, email: address, refusedAt }) => (
            <li key={id}>
              <span>{name === null ? address : `${name}, ${address}`}</span>
              <span className="faint">
                {refusedAt ? "invited, but the address refused the mail: check it" : "invited"}
              </span>
            </li>
          ))}
        </ul>
        <Invite />
      </Section>
      <Section title="Where you are signed in" note="A session ends after 3 days without use.">
        <Sessions sessions={sessions} />
      </Section>
      <Section title="Leave" note="On every device you sign in by a new link.">
        <PostForm action="/sign-out" reloadDocument className="row">
          {several ? <ButtonLink to="/choose-customer">Another company</ButtonLink> : null}
          <Button>Sign out</Button>
        </PostForm>
      </Section>
    </>
  );
}

function Invite() {
  const { administers } = useLoaderData<typeof loader>();
  const refused = useAnswer<typeof action>();
  if (!administers) return <p className="small faint">Administrators can invite people.</p>;
  const mine = refused?.values["do"] === "invite" ? refused : undefined;
  return (
    <PostForm className="form stack-4">
      <h3>Invite somebody</h3>
      <PersonFields values={mine?.values ?? {}} errors={mine?.errors ?? {}} />
      <SelectField
        label="Role"
        name="role"
        options={[
          ["member", "Sees and disputes invoices"],
          ["admin", "Administrator: also invites people"],
        ]}
      />
      <Button>Send the invitation</Button>
      <input type="hidden" name="do" value="invite" />
    </PostForm>
  );
}

function roleWord(role: string): string {
  return role === "member" ? "member" : "administrator";
}
