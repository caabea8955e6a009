import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { Link, useLoaderData, useSearchParams } from "@remix-run/react";
import { useState } from "react";
import { requireCustomer } from "#app/auth.server.ts";
import { AgeingStrip } from "#app/components/ageing-strip.tsx";
import { ButtonLink } from "#app/components/button.tsx";
import { Pager, Tabs } from "#app/components/filters.tsx";
import { InvoiceCards, InvoiceRow } from "#app/components/invoice-rows.tsx";
import { LedgerTable, SortTh, Th } from "#app/components/ledger-table.tsx";
import { ListTools } from "#app/components/list-tools.tsx";
import { Money } from "#app/components/money.tsx";
import { EmptyState, Notice } from "#app/components/notice.tsx";
import { PageHead } from "#app/components/page.tsx";
import { useReader } from "#app/components/reader.ts";
import { useCustomerPath } from "#app/customer-path.ts";
import { useFresh } from "#app/fresh.ts";
import { loadInvoiceList } from "#app/invoice-list.server.ts";
import { useListAddress } from "#app/list-address.ts";
import { liveRows, useAnnouncement } from "#app/live-rows.ts";
import { useLive } from "#app/live.tsx";

export const meta: MetaFunction = () => [{ title: "Invoices" }];

export async function loader({ request, params, context }: LoaderFunctionArgs) {
  const scope = await requireCustomer({ request, params, context });
  return loadInvoiceList(context, scope, new URL(request.url).searchParams);
}

export default function Invoices() {
  const loaded = useLoaderData<typeof loader>();
  const heard = useLive(loaded.sequence);
  const sums = useFresh(loaded, heard.at(-1)?.sequence);
  const { totals, ageing, counts, today } = sums;
  // Where there was nothing, nothing can lose its place.
  const listed = loaded.rows.length === 0 ? sums : loaded;
  const currencies = [...new Set([...totals, ...ageing].map(({ currency }) => currency))];
  return (
    <>
      <PageHead title="Invoices" text={summaryOf(ageing)} />
      <AgeingStrip ageing={ageing} asOf={today} />
      <Views counts={counts} />
      <ListTools currencies={currencies} />
      {listed.rows.length === 0 ? (
        <Nothing counts={counts} />
      ) : (
        <List loaded={listed} totals={totals} />
      )}
    </>
  );
}

type Loaded = ReturnType<typeof useLoaderData<typeof loader>>;

/** What it comes to, in one sentence; the sums stand below, one per currency. */
function summaryOf(ageing: Loaded["ageing"]): string {
  const count = (buckets: { invoices: number }[]) =>
    buckets.reduce((sum, { invoices }) => sum + invoices, 0);
  const all = count(ageing.flatMap(({ buckets }) => Object.values(buckets)));
  const late = all - count(ageing.map(({ buckets }) => buckets.not_due));
  if (all === 0) return "Nothing is due.";
  const open = all === 1 ? "1 invoice is still to be paid" : `${all} invoices are still to be paid`;
  if (late === 0) return `${open}, none of them late.`;
  return late === all ? `${open}, all late.` : `${open}, ${late} of them late.`;
}

function Views({ counts }: { counts: Loaded["counts"] }) {
  const { view } = useLoaderData<typeof loader>();
  const pathOf = useCustomerPath();
  const tab = (name: typeof view, label: string) => ({
    to: pathOf(name === "all" ? "/invoices" : `/invoices?view=${name}`),
    label,
    count: counts[name],
    current: view === name,
  });
  const tabs = [
    tab("all", "All"),
    tab("overdue", "Overdue"),
    tab("disputed", "In dispute"),
    tab("week", "Due this week"),
  ];
  return <Tabs label="Saved views" tabs={tabs} />;
}

function List({ loaded, totals }: { loaded: Loaded; totals: Loaded["totals"] }) {
  const heard = useLive(loaded.sequence);
  const live = liveRows(loaded.rows, heard);
  const [wanted, setWanted] = useState(false);
  const onlyChanged = wanted && live.changed > 0;
  const rows = onlyChanged ? live.rows.filter(({ change }) => change !== null) : live.rows;
  const label = "Invoices";
  return (
    <>
      <p className="sr" aria-live="polite">
        {useAnnouncement(heard)}
      </p>
      <Changes {...live} onlyChanged={onlyChanged} onShow={setWanted} />
      <div className="wide-only">
        <LedgerTable mixed caption={label}>
          <Heads />
          <tbody>
            {rows.map((invoice) => (
              <InvoiceRow key={invoice.id} invoice={invoice} />
            ))}
          </tbody>
        </LedgerTable>
      </div>
      <InvoiceCards label={label} rows={rows} />
      <Pages loaded={loaded} shown={rows.length} totals={totals} />
    </>
  );
}

/** Nothing moves by itself: what changed is counted here, and the reader decides. */
function Changes({
  changed,
  added,
  onlyChanged,
  onShow,
}: {
  changed: number;
  added: number;
  onlyChanged: boolean;
  onShow: (onlyChanged: boolean) => void;
}) {
  const [search] = useSearchParams();
  const listAddress = useListAddress();
  if (changed + added === 0) return null;
  const parts = [
    changed > 0 && `${changed} ${changed === 1 ? "row" : "rows"} changed`,
    added > 0 && `${added} new ${added === 1 ? "invoice" : "invoices"}`,
  ].filter(Boolean);
  return (
    <Notice title={`${parts.join(" and ")} since you opened this list`}>
      {changed === 0 ? null : (
        <button type="button" className="notice__act" onClick={() => onShow(!onlyChanged)}>
          {onlyChanged ? "Show all rows" : "Show only changed"}
        </button>
      )}
      <Link to={listAddress(search, {})} preventScrollReset>
        Sort again
      </Link>
    </Notice>
  );
}

function Heads() {
  const { sort, descending } = useLoaderData<typeof loader>();
  const [search] = useSearchParams();
  const listAddress = useListAddress();
  const head = (name: typeof sort) => {
    const now = sort === name;
    const descends = now ? !descending : name !== "number";
    return {
      to: listAddress(search, { sort: `${descends ? "-" : ""}${name}` }),
      sorted: now ? (descending ? ("descending" as const) : ("ascending" as const)) : undefined,
    };
  };
  return (
    <thead>
      <tr>
        <SortTh {...head("number")}>Invoice</SortTh>
        <Th>PO number</Th>
        <SortTh {...head("issued")}>Issued</SortTh>
        <SortTh {...head("due")}>Due</SortTh>
        <Th>Status</Th>
        <Th numeric>
          <span className="sr">Currency</span>
        </Th>
        <SortTh numeric {...head("amount")}>
          Total
        </SortTh>
        <Th numeric>Still due</Th>
      </tr>
    </thead>
  );
}

interface PagesProps {
  loaded: Loaded;
  shown: number;
  totals: Loaded["totals"];
}

function Pages({ loaded: { previous, next }, shown, totals }: PagesProps) {
  const [search] = useSearchParams();
  const listAddress = useListAddress();
  const { locale } = useReader();
  const count = totals.reduce((sum, { invoices }) => sum + invoices, 0);
  const all = count >= 10_000 ? "more than 10,000" : count.toLocaleString(locale);
  return (
    <Pager
      summary={
        <>
          {shown} of {all} {count === 1 ? "invoice" : "invoices"}, in all{" "}
          {totals.map(({ currency, total }, index) => (
            <span key={currency}>
              {index === 0 ? null : ", "}
              <Money amount={total} currency={currency} />
            </span>
          ))}
        </>
      }
      previous={previous && listAddress(search, { before: previous })}
      next={next && listAddress(search, { after: next })}
    />
  );
}

function Nothing({ counts }: { counts: Loaded["counts"] }) {
  const [search] = useSearchParams();
  const pathOf = useCustomerPath();
  const text = search.get("q");
  if (counts.all === 0) {
    const soon = "Your first invoice appears here within seconds of being issued.";
    return <EmptyState title="No invoices yet" text={soon} />;
  }
  if (text === null && search.get("view") !== null) {
    return <EmptyState title="Nothing here" text="No invoice is in this view today." />;
  }
  return (
    <EmptyState
      title={text ? `No invoice matches “${text}”` : "No invoice matches these filters"}
      text="Number, PO number, amount and text were searched."
    >
      <ButtonLink to={pathOf("/invoices")}>Remove all filters</ButtonLink>
    </EmptyState>
  );
}
