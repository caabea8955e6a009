import {
  type ActionFunctionArgs,
  type HeadersFunction,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from "@remix-run/node";
import { Link, useLoaderData } from "@remix-run/react";
import { z } from "zod";
import { useAnswer } from "#app/ui/answer.ts";
import { askedIn } from "#app/access/browser-cookie.server.ts";
import { PostForm } from "#app/ui/post-form.tsx";
import { Button } from "#app/ui/button.tsx";
import { FormError } from "#app/ui/form.tsx";
import { Gate } from "#app/frame/gate.tsx";
import { readerOf } from "#app/frame/frame.server.ts";
import { localPath, submit } from "#app/http/http.server.ts";
import { readSupplier } from "#db/queries/settings.ts";
import { auditSignIn } from "#server/access/audit-sign-in.ts";

export const meta: MetaFunction = () => [{ title: "Sign in" }];

const text = z.string().max(500).default("");
const ConfirmForm = z.object({ token: text, seal: text, to: text });

/** Shows the button and nothing else: a scanner that opens the link consumes nothing. */
export async function loader({ request, context }: LoaderFunctionArgs) {
  const query = new URL(request.url).searchParams;
  const { name } = await readSupplier(context.db);
  return {
    supplier: name,
    reader: await readerOf(context, null),
    token: query.get("token") ?? "",
    seal: query.get("seal") ?? "",
    to: localPath(query.get("to")),
  };
}

export const headers: HeadersFunction = ({ actionHeaders }) => actionHeaders;

export async function action({ request, context }: ActionFunctionArgs) {
  return submit(request, ConfirmForm, async ({ token, seal, to }) => {
    const before = await context.auth.session(request.headers);
    const asked = askedIn(request, context);
    const userAgent = request.headers.get("user-agent");
    const link = { token, seal, asked, peer: context.remoteAddress, userAgent };
    const signedIn = await context.auth.confirm(link).catch((error: unknown) => {
      // Somebody who opens a used link again in the browser that it signed in goes on.
      if (before && isUsed(error)) return null;
      throw error;
    });
    if (signedIn === null) return redirect(localPath(to));
    if (before) await context.auth.end(before.token);
    const headers = new Headers();
    for (const cookie of signedIn.cookies) headers.append("set-cookie", cookie);
    await auditSignIn(context, signedIn.user.email);
    return redirect(localPath(to), { headers });
  });
}

function isUsed(error: unknown): boolean {
  return error instanceof Error && "status" in error && error.status === 410;
}

export default function ConfirmSignIn() {
  const { supplier, reader, token, seal, to } = useLoaderData<typeof loader>();
  const refused = useAnswer<typeof action>();
  const text = refused ? "This link does not let you in." : "Press the button to use your link.";
  return (
    <Gate {...{ supplier, reader, text }} title="Sign in">
      <PostForm action="/sign-in/confirm" className="stack-4">
        {refused ? <FormError>{refused.message}</FormError> : null}
        <input type="hidden" name="token" value={token} />
        <input type="hidden" name="seal" value={seal} />
        <input type="hidden" name="to" value={to} />
        {refused ? null : (
          <Button look="main" size="big" width="full">
            Sign in
          </Button>
        )}
        <p className="small">
          <Link to="/sign-in">Ask for a new link</Link>
        </p>
      </PostForm>
    </Gate>
  );
}
