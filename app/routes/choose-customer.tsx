import {
  type ActionFunctionArgs,
  type LoaderFunctionArgs,
  type MetaFunction,
  redirect,
} from "@remix-run/node";
import { Form, useLoaderData } from "@remix-run/react";
import { customersOfReader, requireSession } from "#app/auth.server.ts";
import { Button } from "#app/components/button.tsx";
import { Gate } from "#app/components/gate.tsx";
import { readerOf } from "#app/frame.server.ts";
import { localPath, submit } from "#app/http.server.ts";
import { readSupplier } from "#db/queries/settings.ts";
import { ChooseForm, chooseCustomer } from "#server/portal/choose-customer.ts";

export const meta: MetaFunction = () => [{ title: "Choose a company" }];

export async function loader({ request, context }: LoaderFunctionArgs) {
  const session = await requireSession(request, context);
  const { name } = await readSupplier(context.db);
  return {
    supplier: name,
    email: session.email,
    active: session.activeCustomerId,
    customers: await customersOfReader(context),
    to: localPath(new URL(request.url).searchParams.get("to")),
    reader: await readerOf(context, session),
  };
}

export async function action({ request, context }: ActionFunctionArgs) {
  const session = await requireSession(request, context);
  return submit(request, ChooseForm, async ({ customerId, to }) => {
    await chooseCustomer(context, session, customerId);
    return redirect(localPath(to));
  });
}

export default function ChooseCustomer() {
  const { supplier, reader, email, active, customers, to } = useLoaderData<typeof loader>();
  const none = customers.length === 0;
  const text = none
    ? `${email} belongs to no company here. Ask ${supplier} or your colleagues to invite you.`
    : "Whose invoices do you want to see?";
  return (
    <Gate {...{ supplier, reader, text }} title={none ? "No company yet" : "Choose a company"}>
      <div className="stack">
        {customers.map(({ customerId, name }) => (
          <Form key={customerId} method="post">
            <input type="hidden" name="customerId" value={customerId} />
            <input type="hidden" name="to" value={to} />
            <Button look={customerId === active ? "main" : "plain"} size="big" width="full">
              {name}
            </Button>
          </Form>
        ))}
        <Form method="post" action="/sign-out">
          <Button look="quiet">Sign out</Button>
        </Form>
      </div>
    </Gate>
  );
}
