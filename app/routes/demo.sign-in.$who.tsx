import {
  type ActionFunctionArgs,
  type AppLoadContext,
  type HeadersFunction,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from "@remix-run/node";
import { Form, useLoaderData } from "@remix-run/react";
import { z } from "zod";
import { useAnswer } from "#app/ui/answer.ts";
import { Button } from "#app/ui/button.tsx";
import { FormError } from "#app/ui/form.tsx";
import { Gate } from "#app/frame/gate.tsx";
import { readerOf } from "#app/frame/frame.server.ts";
import { found, submit } from "#app/http/http.server.ts";
import { readDemoPeople } from "#db/queries/demo-people.ts";
import { readSupplier } from "#db/queries/settings.ts";
import { oneStop } from "#domain/text.ts";

export const meta: MetaFunction = () => [{ title: "Sign in to the demo" }];

/** The door of the demo: 404 in production, and on every database that the demo did not make. */
async function personOf(context: AppLoadContext, who: string | undefined) {
  const people = context.config.production ? null : await readDemoPeople(context.db);
  if (who === "customer") return found(people?.customer);
  return found(who === "finance" ? people?.finance : null);
}

export async function loader({ params, context }: LoaderFunctionArgs) {
  const { name, of } = await personOf(context, params["who"]);
  const supplier = await readSupplier(context.db);
  return { name, of, supplier: supplier.name, reader: await readerOf(context, null) };
}

export const headers: HeadersFunction = ({ actionHeaders }) => actionHeaders;

export async function action({ request, params, context }: ActionFunctionArgs) {
  const { email } = await personOf(context, params["who"]);
  return submit(request, z.object({}), async () => {
    const link = new URL(await context.auth.createLink(email));
    const { cookies } = await context.auth.confirm({
      token: link.searchParams.get("token") ?? "",
      seal: link.searchParams.get("seal") ?? "",
      asked: [],
      peer: context.remoteAddress,
    });
    const headers = new Headers(cookies.map((cookie): [string, string] => ["set-cookie", cookie]));
    return redirect("/", { headers });
  });
}

export default function DemoSignIn() {
  const { name, of, supplier, reader } = useLoaderData<typeof loader>();
  const refused = useAnswer<typeof action>();
  const text = `${oneStop(`${name} works for ${of}.`)} Nothing here is real, so no link has to be mailed.`;
  return (
    <Gate {...{ supplier, reader, text }} title="The demo">
      <Form method="post" className="stack-4" reloadDocument>
        {refused ? <FormError>{refused.message}</FormError> : null}
        <Button look="main" size="big" width="full">
          {`Sign in as ${name}`}
        </Button>
      </Form>
    </Gate>
  );
}
