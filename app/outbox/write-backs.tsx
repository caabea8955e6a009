import type { loadInvoicePage } from "#app/invoices/invoice-page.server.ts";
import { RowTransport } from "./sent-on.tsx";
import { When } from "#app/ui/when.tsx";
import { sentWord } from "#app/words/words.ts";

type Page = Awaited<ReturnType<typeof loadInvoicePage>>;

/** How far what was said here got into the supplier's own system, with its document number. */
export function WriteBacks({ page }: { page: Pick<Page, "writeBacks" | "invoice"> }) {
  const { writeBacks, invoice } = page;
  if (writeBacks.length === 0) return null;
  return (
    <section>
      <h2>Received by their system</h2>
      <dl className="pairs pairs--lined">
        {writeBacks.map((row) => (
          <div key={row.id}>
            <dt>
              {sentWord(row.what)}
              <AboutSent row={row} />
            </dt>
            <dd>
              <RowTransport row={row} />
              <div className="faint tiny">
                {row.reference === null
                  ? null
                  : `received by ${invoice.owner} as ${row.reference}, `}
                {row.parked && !row.done ? "the supplier has been told, " : null}
                <When at={row.at} form="second" zone />
              </div>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** Tells one write-back from another: its dispute, its day, the words that it carries. */
function AboutSent({ row }: { row: Page["writeBacks"][number] }) {
  const { dispute, promisedOn, words } = row;
  return (
    <span className="faint tiny">
      {dispute === null ? null : ` ${dispute}`}
      {promisedOn === null ? null : (
        <>
          {" "}
          for <When at={promisedOn} form="date" />
        </>
      )}
      {words === null ? null : <bdi className="excerpt">{words}</bdi>}
    </span>
  );
}
