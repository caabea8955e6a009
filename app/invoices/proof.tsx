import { useCustomerPath } from "#app/frame/customer-path.ts";
import type { loadInvoicePage } from "./invoice-page.server.ts";
import { Pairs } from "#app/ui/facts.tsx";
import { numberFormat } from "#app/ui/intl.ts";
import { useReader } from "#app/ui/reader.ts";
import { When } from "#app/ui/when.tsx";

type Page = Awaited<ReturnType<typeof loadInvoicePage>>;

/** The last event's number and fingerprint: what a mail carries and /verify compares. */
export function Proof({ page }: { page: Page }) {
  const { proof, timeline } = page;
  const pathOf = useCustomerPath();
  const { locale } = useReader();
  if (proof === null) return null;
  const count = (events: number) => numberFormat(locale).format(events);
  const all = timeline.length;
  const hash = proof.hash.match(/.{1,4}/g)?.join(" ") ?? proof.hash;
  const verify = `/verify?${new URLSearchParams({ sequence: String(proof.sequence), hash: proof.hash })}`;
  const words = `${count(all)}, the last is ${count(proof.sequence)}`;
  return (
    <section className="no-print">
      <h2>Proof</h2>
      <Pairs facts={[{ term: "Events", value: words }]} />
      <p className="hash">{hash}</p>
      <p className="sec__links">
        <a href={pathOf(verify)}>Verify this record</a>
      </p>
      {proof.held === 0 ? null : (
        <p className="sec__links">
          <a href={pathOf(`/invoices/${encodeURIComponent(page.invoice.id)}/proof`)} download>
            Download the proof
          </a>
        </p>
      )}
      {proof.laterFrom === null ? null : (
        <p className="tiny faint">
          {proof.held === 0 ? "It can be downloaded" : `It holds ${count(proof.held)} of them, all`}{" "}
          from <When at={proof.laterFrom} form="clock_second" zone /> on.
        </p>
      )}
    </section>
  );
}
