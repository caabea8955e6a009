import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { customersOfReader, requireSession } from "#app/access/auth.server.ts";
import { Button, ButtonLink } from "#app/ui/button.tsx";
import { PostForm } from "#app/ui/post-form.tsx";
import { Gate } from "#app/frame/gate.tsx";
import { readerOf } from "#app/frame/frame.server.ts";
import { localPath } from "#app/http/http.server.ts";
import { readSupplier } from "#db/queries/settings.ts";
import { customerPath } from "#domain/customer-path.ts";

export const meta: MetaFunction = () => [{ title: "Choose a company" }];

/** The same page of each of the person's companies; `to` is its address within a company. */
export async function loader({ request, context }: LoaderFunctionArgs) {
  const session = await requireSession(request, context);
  const { name } = await readSupplier(context.db);
  const to = localPath(new URL(request.url).searchParams.get("to"));
  return {
    supplier: name,
    email: session.email,
    customers: await customersOfReader(context),
    to: to === "/" ? "/invoices" : to,
    reader: await readerOf(context, session),
  };
}

export default function ChooseCustomer() {
  const { supplier, reader, email, customers, to } = useLoaderData<typeof loader>();
  const none = customers.length === 0;
  const text = none
    ? `${email} belongs to no company here. Ask ${supplier} or your colleagues to invite you.`
    : "Whose invoices do you want to see?";
  return (
    <Gate {...{ supplier, reader, text }} title={none ? "No company yet" : "Choose a company"}>
      <div className="stack">
        {customers.map(({ customerId, name }) => (
          <ButtonLink key={customerId} to={customerPath(customerId, to)} size="big" width="full">
            {name}
          </ButtonLink>
        ))}
        <PostForm action="/sign-out" reloadDocument>
          <Button look="quiet">Sign out</Button>
        </PostForm>
      </div>
    </Gate>
  );
}
