import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { ApiOperation, Words } from "#app/api/api-operation.tsx";
import { Sign } from "#app/ui/icons.tsx";
import { PageHead, Section } from "#app/ui/page.tsx";
import { RightsTable } from "#app/people/rights-table.tsx";
import { ThemeSwitch } from "#app/frame/theme-switch.tsx";
import { readSupplier } from "#db/queries/settings.ts";
import { introduction, keyWords } from "#server/api/openapi.ts";
import { describeApi } from "#server/api/reference.ts";
import { rightsTable } from "#server/api/rights.ts";

export const meta: MetaFunction = () => [{ title: "API" }];

/** For everybody: it says how to ask, and nothing of what is kept here. */
export async function loader({ context }: LoaderFunctionArgs) {
  const { name } = await readSupplier(context.db);
  const { publicUrl } = context.config;
  return { name, introduction, keyWords, rights: rightsTable(), sections: describeApi(publicUrl) };
}

export default function Api() {
  const { name, introduction, keyWords, rights, sections } = useLoaderData<typeof loader>();
  return (
    <>
      <a className="skip" href="#content">
        Skip to content
      </a>
      <header className="top">
        <div className="page top__in">
          <a className="maker" href="/">
            <Sign name={name} />
            {name}
          </a>
        </div>
      </header>
      <main id="content" className="page" tabIndex={-1}>
        <PageHead
          title="API"
          text="For programs: invoices, disputes and the ledger by HTTP and JSON."
          actions={<a href="/api/v1/openapi.json">OpenAPI 3.1 document</a>}
        />
        <Section title="In short">
          <div className="stack-4">
            {introduction.map((text) => (
              <p key={text}>
                <Words text={text} />
              </p>
            ))}
          </div>
        </Section>
        <Section title="Keys" note={<Words text={keyWords} />}>
          <RightsTable {...rights} />
        </Section>
        <Section title="Operations">
          <nav aria-label="Operations" className="operations">
            {sections.map((section) => (
              <ul key={section.name}>
                {section.operations.map(({ id, summary }) => (
                  <li key={id}>
                    <a href={`#${id}`}>{summary}</a>
                  </li>
                ))}
              </ul>
            ))}
          </nav>
        </Section>
        {sections.map((section) =>
          section.operations.map((operation) => (
            <ApiOperation key={operation.id} operation={operation} />
          )),
        )}
        <ThemeSwitch />
      </main>
    </>
  );
}
