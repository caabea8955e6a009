import {
  type ActionFunctionArgs,
  type AppLoadContext,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from "@remix-run/node";
import { Form, useLoaderData } from "@remix-run/react";
import { Button } from "#app/components/button.tsx";
import { found } from "#app/http.server.ts";
import { readDemoPeople } from "#db/queries/demo-people.ts";

export const meta: MetaFunction = () => [{ title: "Sign in to the demo" }];

/** The door of the demo: 404 in production, and on every database that the demo did not make. */
async function personOf(context: AppLoadContext, who: string | undefined) {
  const people = context.config.production ? null : await readDemoPeople(context.db);
  if (who === "customer") return found(people?.customer);
  return found(who === "finance" ? people?.finance : null);
}

export async function loader({ params, context }: LoaderFunctionArgs) {
  return personOf(context, params.who);
}

export async function action({ params, context }: ActionFunctionArgs) {
  const { email } = await personOf(context, params.who);
  const link = new URL(await context.auth.createLink(email));
  const { cookies } = await context.auth.confirm({
    token: link.searchParams.get("token") ?? "",
    seal: link.searchParams.get("seal") ?? "",
    browser: null,
    peer: context.remoteAddress,
  });
  const headers = new Headers(cookies.map((cookie): [string, string] => ["set-cookie", cookie]));
  return redirect(params.who === "finance" ? "/finance" : "/invoices", { headers });
}

export default function DemoSignIn() {
  const { name, of } = useLoaderData<typeof loader>();
  return (
    <main className="page" id="main">
      <h1>The demo</h1>
      <p>
        {name} works for {of}. Nothing here is real, so no link has to be mailed.
      </p>
      <Form method="post" reloadDocument>
        <Button look="main">Sign in as {name}</Button>
      </Form>
    </main>
  );
}
