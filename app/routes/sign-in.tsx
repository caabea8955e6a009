import {
  type ActionFunctionArgs,
  type HeadersFunction,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { z } from "zod";
import { useAnswer } from "#app/ui/answer.ts";
import { keepAsked } from "#app/access/browser-cookie.server.ts";
import { PostForm } from "#app/ui/post-form.tsx";
import { Button } from "#app/ui/button.tsx";
import { Pairs } from "#app/ui/facts.tsx";
import { Field } from "#app/ui/field.tsx";
import { FormError } from "#app/ui/form.tsx";
import { Gate } from "#app/frame/gate.tsx";
import { readerOf } from "#app/frame/frame.server.ts";
import { localPath, submit } from "#app/http/http.server.ts";
import { readSupplier } from "#db/queries/settings.ts";
import { MailAddress } from "#domain/mail-address.ts";
import { signInSubjects } from "#server/mail/sign-in.ts";

export const meta: MetaFunction = () => [{ title: "Sign in" }];

const SignInForm = z.object({
  email: MailAddress,
  to: z.string().default("/"),
});

export async function loader({ request, context }: LoaderFunctionArgs) {
  const to = localPath(new URL(request.url).searchParams.get("to"));
  if (await context.auth.session(request.headers)) throw redirect(to);
  const { name } = await readSupplier(context.db);
  return {
    supplier: name,
    from: context.config.mailFrom,
    subjects: signInSubjects(name),
    to,
    reader: await readerOf(context, null),
  };
}

export const headers: HeadersFunction = ({ actionHeaders }) => actionHeaders;

export async function action({ request, context }: ActionFunctionArgs) {
  return submit(request, SignInForm, async ({ email, to }) => {
    await context.auth.askForLink({
      email,
      to: localPath(to),
      peer: context.remoteAddress,
    });
    const sent = `/sign-in/sent?${new URLSearchParams({ email })}`;
    return redirect(sent, { headers: { "set-cookie": keepAsked(request, context, email) } });
  });
}

export default function SignIn() {
  const { supplier, from, subjects, to, reader } = useLoaderData<typeof loader>();
  const refused = useAnswer<typeof action>();
  const side = <WhatComes from={from} subjects={subjects} />;
  return (
    <Gate {...{ supplier, reader, side }} title="Sign in" text="to see your company's invoices.">
      <PostForm className="stack-4">
        {refused && !refused.errors["email"] ? <FormError>{refused.message}</FormError> : null}
        <input type="hidden" name="to" value={to} />
        <Field
          label="E-mail"
          name="email"
          type="email"
          autoComplete="username"
          required
          defaultValue={refused?.values["email"]}
          error={refused?.errors["email"]}
        />
        <Button look="main" size="big" width="full">
          Send me a link
        </Button>
        <p className="tiny faint">It works once, for 10 minutes, in this browser.</p>
      </PostForm>
    </Gate>
  );
}

function WhatComes({ from, subjects }: { from: string; subjects: string[] }) {
  return (
    <div className="stack-4 gate__note">
      <h2>After you ask for a link</h2>
      <p className="soft">A mail like this comes. If yours looks different, do not use it.</p>
      <Pairs
        lined
        facts={[
          { term: "From", value: from },
          { term: "Subject", value: subjects.map((each) => `“${each}”`).join(" or ") },
        ]}
      />
      <p className="small faint">
        The page behind the link asks you to press a button. Mail scanners that open links cannot
        use it up.
      </p>
    </div>
  );
}
