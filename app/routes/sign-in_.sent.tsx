import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { Link, useLoaderData } from "@remix-run/react";
import { Gate } from "#app/frame/gate.tsx";
import { readerOf } from "#app/frame/frame.server.ts";
import { readSupplier } from "#db/queries/settings.ts";
import { readMailAddress } from "#domain/mail-address.ts";

export const meta: MetaFunction = () => [{ title: "Look at your mail" }];

export async function loader({ request, context }: LoaderFunctionArgs) {
  const { name } = await readSupplier(context.db);
  const email = readMailAddress(new URL(request.url).searchParams.get("email") ?? "");
  return { supplier: name, email, reader: await readerOf(context, null) };
}

export default function SignInSent() {
  const { supplier, email, reader } = useLoaderData<typeof loader>();
  const text =
    email === null ? (
      "If the address is known here, a link is on its way to it."
    ) : (
      <>
        If <bdi className="breakable medium">{email}</bdi> is known here, a link is on its way to
        it.
      </>
    );
  return (
    <Gate {...{ supplier, reader, text }} title="Look at your mail">
      <div className="stack">
        <p>The link works once, for 10 minutes after it was sent, in this browser.</p>
        <p className="small soft">
          Nothing there after a few minutes? Look at the junk folder, then{" "}
          <Link to="/sign-in">ask again</Link>. Only people whom {supplier} or your own company
          invited can sign in.
        </p>
      </div>
    </Gate>
  );
}
