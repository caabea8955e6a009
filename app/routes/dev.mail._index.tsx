import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { Link, useLoaderData } from "@remix-run/react";
import { LedgerTable, Th } from "#app/ui/ledger-table.tsx";
import { EmptyState } from "#app/ui/notice.tsx";
import { PageHead } from "#app/ui/page.tsx";
import { ReaderContext } from "#app/ui/reader.ts";
import { When } from "#app/ui/when.tsx";
import { readerOf } from "#app/frame/frame.server.ts";
import { found } from "#app/http/http.server.ts";
import { listCaughtMails } from "#db/queries/mails.ts";

export const meta: MetaFunction = () => [{ title: "Caught mail" }];

/** Mail that was caught instead of sent; in production there is no such page. */
export async function loader({ context }: LoaderFunctionArgs) {
  found(context.config.production ? null : context);
  return { reader: await readerOf(context, null), mails: await listCaughtMails(context.db) };
}

export default function CaughtMails() {
  const { reader, mails } = useLoaderData<typeof loader>();
  const text = "Without SMTP_URL nothing leaves this machine: every mail lands here, newest first.";
  return (
    <ReaderContext.Provider value={reader}>
      <main id="content" className="page">
        <PageHead title="Caught mail" text={text} />
        {mails.length === 0 ? (
          <EmptyState title="No mail yet" text="It appears here as soon as something happens." />
        ) : (
          <LedgerTable caption="Caught mail" stacked>
            <thead>
              <tr>
                <Th>Subject</Th>
                <Th>To</Th>
                <Th numeric>Caught</Th>
              </tr>
            </thead>
            <tbody>
              {mails.map((mail) => (
                <tr key={mail.id}>
                  <td className="full">
                    <Link to={`/dev/mail/${mail.id}`} className="ledger__id">
                      {mail.subject}
                    </Link>
                  </td>
                  <td className="full">{mail.recipient}</td>
                  <td className="num" data-label="Caught">
                    <When at={mail.caught_at} form="second" />
                  </td>
                </tr>
              ))}
            </tbody>
          </LedgerTable>
        )}
      </main>
    </ReaderContext.Provider>
  );
}
