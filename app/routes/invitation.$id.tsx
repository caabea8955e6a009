import {
  type ActionFunctionArgs,
  type HeadersFunction,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";
import { z } from "zod";
import { keepBrowserSecret } from "#app/browser-cookie.server.ts";
import { PostForm } from "#app/components/post-form.tsx";
import { Button } from "#app/components/button.tsx";
import { FormError } from "#app/components/form.tsx";
import { Gate } from "#app/components/gate.tsx";
import { readerOf } from "#app/frame.server.ts";
import { found, submit } from "#app/http.server.ts";
import { findInvitation } from "#db/queries/people.ts";
import { readSupplier } from "#db/queries/settings.ts";

export const meta: MetaFunction = () => [{ title: "Invitation" }];

/** 404 once it was used, taken back or is too old. The address is shown to nobody in full. */
export async function loader({ params, context }: LoaderFunctionArgs) {
  const invitation = await invitationOf(context, params["id"]);
  const { name } = await readSupplier(context.db);
  return {
    supplier: name,
    customer: invitation.customerName,
    address: invitation.email.replace(/^(.).*@/, "$1…@"),
    reader: await readerOf(context, null),
  };
}

export const headers: HeadersFunction = ({ actionHeaders }) => actionHeaders;

/** Mails the sign-in link that accepts the invitation: only the owner of the address gets in. */
export async function action({ request, params, context }: ActionFunctionArgs) {
  return submit(request, z.object({}), async () => {
    const { email } = await invitationOf(context, params["id"]);
    const { secret: browser, header } = keepBrowserSecret(request, context);
    await context.auth.askForLink({ email, to: "/", browser, peer: context.remoteAddress });
    return redirect("/sign-in/sent", { headers: { "set-cookie": header } });
  });
}

async function invitationOf(context: LoaderFunctionArgs["context"], id: string | undefined) {
  return found(await findInvitation(context.db, found(id), new Date().toISOString()));
}

export default function Invitation() {
  const { supplier, customer, address, reader } = useLoaderData<typeof loader>();
  const refused = useActionData<typeof action>();
  const text = `You are invited to see the invoices of ${customer}.`;
  return (
    <Gate {...{ supplier, reader, text }} title={customer}>
      <PostForm className="stack-4">
        {refused ? <FormError>{refused.message}</FormError> : null}
        <Button look="main" size="big" width="full">
          Send the sign-in link to {address}
        </Button>
        <p className="tiny faint">It works once, for 10 minutes, in this browser.</p>
      </PostForm>
    </Gate>
  );
}
