import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { Block, PageHead } from "#app/ui/page.tsx";
import { found } from "#app/http/http.server.ts";
import { findCaughtMail } from "#db/queries/mails.ts";
import { readCaughtMail } from "#server/mail/read-caught.ts";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: data?.mail.subject ?? "Caught mail" },
];

/** One caught mail; in production there is no such page. */
export async function loader({ params, context }: LoaderFunctionArgs) {
  const id = context.config.production ? Number.NaN : Number(params["id"]);
  const row = found(Number.isSafeInteger(id) ? await findCaughtMail(context.db, id) : null);
  return { mail: await readCaughtMail(row.raw) };
}

export default function CaughtMail() {
  const { mail } = useLoaderData<typeof loader>();
  return (
    <main id="content" className="page">
      <PageHead
        title={mail.subject}
        text={`To ${mail.to}, from ${mail.from}`}
        back={{ to: "/dev/mail", label: "Caught mail" }}
      />
      <Block title="HTML">
        {/* Links open in a new tab, scripts never run. */}
        <iframe
          title="The mail as HTML"
          sandbox="allow-popups allow-popups-to-escape-sandbox"
          srcDoc={mail.html.replaceAll("<a ", '<a target="_blank" ')}
          style={{ inlineSize: "100%", blockSize: "52rem", border: "1px solid var(--line)" }}
        />
      </Block>
      <Block title="Text">
        <pre className="breakable" style={{ whiteSpace: "pre-wrap" }}>
          {mail.text}
        </pre>
      </Block>
      <Block title="Headers">
        <dl className="pairs pairs--lined">
          {mail.headers.map(({ name, value }, index) => (
            <div key={`${name}-${index}`}>
              <dt>{name}</dt>
              <dd className="breakable">{value}</dd>
            </div>
          ))}
        </dl>
      </Block>
    </main>
  );
}
