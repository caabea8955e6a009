import {
  type ActionFunctionArgs,
  type AppLoadContext,
  data,
  type HeadersFunction,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { useAnswer } from "#app/ui/answer.ts";
import { keepAsked } from "#app/access/browser-cookie.server.ts";
import { PostForm } from "#app/ui/post-form.tsx";
import { Button, ButtonLink } from "#app/ui/button.tsx";
import { Field } from "#app/ui/field.tsx";
import { FormError } from "#app/ui/form.tsx";
import { Gate } from "#app/frame/gate.tsx";
import { readerOf } from "#app/frame/frame.server.ts";
import { found, submit } from "#app/http/http.server.ts";
import { findInvitation, membershipsOf } from "#db/queries/people.ts";
import { readSupplier } from "#db/queries/settings.ts";
import { oneStop } from "#domain/text.ts";
import { customerPath } from "#domain/customer-path.ts";
import { isNameless } from "#domain/person-name.ts";
import { acceptInvitation, AcceptForm } from "#server/people/accept-invitation.ts";

export const meta: MetaFunction = () => [{ title: "Invitation" }];

/**
 * What the holder of an invitation's address sees: its customer while it can be accepted, else that it
 * ended (410). The invited address is shown in full to its owner alone.
 */
export async function loader({ request, params, context }: LoaderFunctionArgs) {
  const invitation = await invitationOf(context, params["id"]);
  const session = await context.auth.session(request.headers);
  const { name: supplier } = await readSupplier(context.db);
  const shown = { supplier, reader: await readerOf(context, session) };
  if (!isOpen(invitation)) {
    const theirs = session ? await membershipsOf(context.db, { user: session.userId }) : [];
    const isIn = theirs.some(({ customerId }) => customerId === invitation.customerId);
    if (isIn) throw redirect(customerPath(invitation.customerId, "/invoices"));
    return data({ ...shown, state: "ended" as const, isSignedIn: session !== null }, 410);
  }
  const customer = invitation.customerName;
  if (session?.email === invitation.email) {
    const name = isNameless(session) ? invitation.name : null;
    return data({
      ...shown,
      state: "theirs" as const,
      customer,
      name,
      asksName: isNameless(session),
    });
  }
  const address = invitation.email.replace(/^(.).*@/, "$1…@");
  const signedIn = session?.email ?? null;
  return data({ ...shown, state: "to_sign_in" as const, customer, address, signedIn });
}

export const headers: HeadersFunction = ({ actionHeaders }) => actionHeaders;

/** Accepts it for the invited person, who is signed in; mails everybody else's owner a link to sign in by. */
export async function action({ request, params, context }: ActionFunctionArgs) {
  const invitation = await invitationOf(context, params["id"]);
  const session = await context.auth.session(request.headers);
  return submit(request, AcceptForm, async (form) => {
    const { id, email } = invitation;
    if (session?.email === email) {
      const customerId = await acceptInvitation(context, session, { ...form, id });
      return redirect(customerPath(customerId, "/invoices"));
    }
    if (isOpen(invitation)) {
      const to = `/invitation/${encodeURIComponent(id)}`;
      await context.auth.askForLink({ email, to, peer: context.remoteAddress });
      return redirect("/sign-in/sent", {
        headers: { "set-cookie": keepAsked(request, context, email) },
      });
    }
    return redirect(`/invitation/${encodeURIComponent(id)}`);
  });
}

async function invitationOf(context: AppLoadContext, id: string | undefined) {
  return found(await findInvitation(context.db, found(id)));
}

function isOpen({ status, expiresAt }: { status: string; expiresAt: string }): boolean {
  return status === "pending" && expiresAt > new Date().toISOString();
}

export default function Invitation() {
  const loaded = useLoaderData<typeof loader>();
  const { supplier, reader } = loaded;
  if (loaded.state === "ended") {
    const text = "It was used already, was taken back or is too old.";
    return (
      <Gate {...{ supplier, reader, text }} title="This invitation has ended">
        <ButtonLink to={loaded.isSignedIn ? "/" : "/sign-in"} look="main" size="big" width="full">
          {loaded.isSignedIn ? "Go to the first page" : "Sign in"}
        </ButtonLink>
      </Gate>
    );
  }
  const text = oneStop(`You are invited to see the invoices of ${loaded.customer}.`);
  return (
    <Gate {...{ supplier, reader, text }} title={loaded.customer}>
      {loaded.state === "theirs" ? <Accept {...loaded} /> : <SendLink {...loaded} />}
    </Gate>
  );
}

function Accept({ name, asksName }: { name: string | null; asksName: boolean }) {
  const refused = useAnswer<typeof action>();
  return (
    <PostForm className="stack-4">
      {refused ? <FormError>{refused.message}</FormError> : null}
      {asksName ? (
        <Field
          label="Your name"
          name="name"
          autoComplete="name"
          required
          defaultValue={refused?.values["name"] ?? name ?? ""}
          error={refused?.errors["name"]}
        />
      ) : null}
      <Button look="main" size="big" width="full">
        Accept the invitation
      </Button>
    </PostForm>
  );
}

function SendLink({ address, signedIn }: { address: string; signedIn: string | null }) {
  const refused = useAnswer<typeof action>();
  return (
    <PostForm className="stack-4">
      {refused ? <FormError>{refused.message}</FormError> : null}
      {signedIn === null ? null : (
        <p>You are signed in as {signedIn}, and this invitation is for another address.</p>
      )}
      <Button look="main" size="big" width="full">
        Send the sign-in link to {address}
      </Button>
      <p className="tiny faint">It works once, for 10 minutes, in this browser.</p>
    </PostForm>
  );
}
