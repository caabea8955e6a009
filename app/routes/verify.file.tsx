import type { LinksFunction, LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { useState } from "react";
import { FileCheck } from "#app/audit/file-check.tsx";
import { FileReport } from "#app/audit/file-report.tsx";
import { PageHead } from "#app/ui/page.tsx";
import { PublicFrame } from "#app/frame/public-frame.tsx";
import { readerOf } from "#app/frame/frame.server.ts";
import { type Report, verifierAddress } from "#app/audit/verifier.ts";
import { readSupplier } from "#db/queries/settings.ts";
import { readPublicKey } from "#db/queries/signing-key.ts";

export const meta: MetaFunction = () => [{ title: "Verify a file" }];

/** Loaded with the page, so that it works without network from then on. */
export const links: LinksFunction = () => [{ rel: "modulepreload", href: verifierAddress }];

/** For everybody: it says who runs the portal and its public key, and nothing about any customer. */
export async function loader({ context }: LoaderFunctionArgs) {
  const { name, address } = await readSupplier(context.db);
  return {
    supplier: { name, address },
    reader: await readerOf(context, null),
    publicKey: (await readPublicKey(context.db)) ?? null,
  };
}

export default function VerifyFile() {
  const { supplier, reader, publicKey } = useLoaderData<typeof loader>();
  const [report, setReport] = useState<Report | null>(null);
  return (
    <PublicFrame supplier={supplier} reader={reader}>
      <PageHead
        title="Verify a file"
        text="Your browser does the arithmetic. Nothing is sent anywhere; you may disconnect from the network now."
      />
      {report === null ? null : <FileReport report={report} />}
      <FileCheck publicKey={publicKey} onReport={setReport} />
      <noscript>
        <p>
          This page needs JavaScript. Without it, the <a href={verifierAddress}>same check</a> runs
          with Node.js on your own computer.
        </p>
      </noscript>
    </PublicFrame>
  );
}
