import { type LoaderFunctionArgs, type MetaFunction, redirect } from "@remix-run/node";
import { Link, useLoaderData, useSearchParams } from "@remix-run/react";
import { useState } from "react";
import { requireCustomer } from "#app/access/auth.server.ts";
import { AgeingStrip } from "#app/invoices/ageing-strip.tsx";
import { ButtonLink } from "#app/ui/button.tsx";
import { Pager, Tabs } from "#app/ui/filters.tsx";
import { InvoiceCards, InvoiceRow } from "#app/invoices/invoice-rows.tsx";
import { LedgerTable, SortTh, Th } from "#app/ui/ledger-table.tsx";
import { DueAndCredit } from "#app/invoices/list-sums.tsx";
import { ListTools, SortForm } from "#app/invoices/list-tools.tsx";
import { EmptyState, Notice } from "#app/ui/notice.tsx";
import { PageHead } from "#app/ui/page.tsx";
import { useReader } from "#app/ui/reader.ts";
import { useCustomerPath } from "#app/frame/customer-path.ts";
import { useFresh } from "#app/live/fresh.ts";
import { loadInvoiceList } from "#app/invoices/invoice-list.server.ts";
import { numberFormat } from "#app/ui/intl.ts";
import { useKeepingList } from "#app/invoices/kept-list.ts";
import { cleanQuery, decidesStatus, useListAddress } from "#app/invoices/list-address.ts";
import { liveRows, useAnnouncement } from "#app/live/live-rows.ts";
import { useLive } from "#app/live/live.tsx";
import { customerPath } from "#domain/customer-path.ts";
import { countLimit, searchLimit } from "#domain/list-limits.ts";

export const meta: MetaFunction = () => [{ title: "Invoices" }];

export async function loader({ request, params, context }: LoaderFunctionArgs) {
  const scope = await requireCustomer({ request, params, context });
  const { searchParams } = new URL(request.url);
  // A form sends its empty fields, too: what is shared and kept is the address without them.
  if ([...searchParams.values()].includes("")) {
    return redirect(customerPath(scope.customerId, `/invoices${cleanQuery(searchParams)}`));
  }
  return loadInvoiceList(context, scope, searchParams);
}

export default function Invoices() {
  const loaded = useLoaderData<typeof loader>();
  const heard = useLive(loaded.sequence);
  const sums = useFresh(loaded, heard.at(-1)?.sequence);
  const { ageing, counts, today } = sums;
  const { locale } = useReader();
  // Where there was nothing, nothing can lose its place.
  const listed = loaded.rows.length === 0 ? sums : loaded;
  const currencies = [...new Set([...(sums.totals ?? []), ...ageing].map((sum) => sum.currency))];
  useKeepingList();
  return (
    <>
      <PageHead title="Invoices" text={summaryOf(sums, locale)} />
      <AgeingStrip ageing={ageing} asOf={today} />
      <Views counts={counts} />
      <ListTools currencies={currencies} view={loaded.view} />
      {listed.rows.length === 0 ? <Nothing counts={counts} /> : <List loaded={listed} now={sums} />}
    </>
  );
}

type Loaded = ReturnType<typeof useLoaderData<typeof loader>>;

/** What it comes to, in one sentence; overdue is what the rows and the view call so. */
function summaryOf({ ageing, counts }: Pick<Loaded, "ageing" | "counts">, locale: string): string {
  const buckets = ageing.flatMap((sum) => Object.values(sum.buckets));
  const all = buckets.reduce((sum, { invoices }) => sum + invoices, 0);
  const count = (invoices: number) => numberFormat(locale).format(invoices);
  if (all === 0) return "Nothing is due.";
  const open =
    all === 1 ? "1 invoice is still to be paid" : `${count(all)} invoices are still to be paid`;
  if (counts.overdue === 0) return `${open}, none of them overdue.`;
  return counts.overdue === all
    ? `${open}, all overdue.`
    : `${open}, ${count(counts.overdue)} of them overdue.`;
}

/** Each keeps search, order and filters, but for those that it decides itself. */
function Views({ counts }: { counts: Loaded["counts"] }) {
  const { view } = useLoaderData<typeof loader>();
  const [search] = useSearchParams();
  const listAddress = useListAddress();
  const tab = (name: typeof view, label: string) => ({
    to: listAddress(search, {
      view: name === "all" ? "" : name,
      ...(decidesStatus(name) && { status: "", late: "" }),
    }),
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

function List({ loaded, now }: { loaded: Loaded; now: Loaded }) {
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
      {loaded.totals === null ? <TooMany /> : null}
      <div className="listbar">
        <Changes {...live} onlyChanged={onlyChanged} onShow={setWanted} />
        <SortForm />
      </div>
      <div className="wide-only">
        <LedgerTable mixed fixed caption={label}>
          <Columns />
          <Heads />
          <tbody>
            {rows.map((invoice) => (
              <InvoiceRow key={invoice.id} invoice={invoice} />
            ))}
          </tbody>
        </LedgerTable>
      </div>
      <InvoiceCards label={label} rows={rows} />
      <Pages loaded={loaded} now={now} shown={rows.length} onlyChanged={onlyChanged} />
    </>
  );
}

/** Said instead of a count and a sum, which would be wrong. */
function TooMany() {
  const { locale } = useReader();
  const most = numberFormat(locale).format(searchLimit);
  return (
    <Notice tone="question" title={`More than ${most} invoices hold this.`}>
      <span>Some that match are not listed here: search for more, or add a filter.</span>
    </Notice>
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
  const { locale } = useReader();
  if (changed + added === 0) return null;
  const count = (things: number, one: string, many: string) =>
    things > 0 && `${numberFormat(locale).format(things)} ${things === 1 ? one : many}`;
  const parts = [
    count(changed, "row changed", "rows changed"),
    count(added, "new invoice", "new invoices"),
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

/** Widths of the columns, so that no long number and no change moves another column. */
function Columns() {
  const names = ["name", "po", "issued", "due", "status", "currency", "amount", "amount"];
  return (
    <colgroup>
      {names.map((name, index) => (
        <col key={names.slice(0, index + 1).join(" ")} className={`col-${name}`} />
      ))}
    </colgroup>
  );
}

function Heads() {
  const { sort, descending } = useLoaderData<typeof loader>();
  const [search] = useSearchParams();
  const listAddress = useListAddress();
  const head = (name: Exclude<typeof sort, "urgent">) => {
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
  /** The same list as it would be loaded now. */
  now: Loaded;
  shown: number;
  onlyChanged: boolean;
}

/** Rows are counted as they were loaded, as that is what is shown; what is still due is of now. */
function Pages({ loaded, now, shown, onlyChanged }: PagesProps) {
  const [search] = useSearchParams();
  const listAddress = useListAddress();
  const { locale } = useReader();
  const { previous, next } = loaded;
  const countOf = (totals: Loaded["totals"]) =>
    totals?.reduce((sum, { invoices }) => sum + invoices, 0) ?? null;
  const format = (count: number) =>
    count >= countLimit
      ? `more than ${numberFormat(locale).format(countLimit)}`
      : numberFormat(locale).format(count);
  const all = countOf(loaded.totals);
  const fresh = countOf(now.totals);
  return (
    <Pager
      summary={
        <>
          {format(shown)}
          {onlyChanged ? " changed" : ""}
          {all === null ? "" : ` of ${format(all)}`} {all === 1 ? "invoice" : "invoices"}
          {fresh === null || fresh === all ? "" : `, ${format(fresh)} match now`}
          {all === null || all >= countLimit ? null : <DueAndCredit totals={now.totals ?? []} />}
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
  if ([...search.keys()].every((name) => name === "view" || name === "sort")) {
    return <EmptyState title="Nothing here" text="No invoice is in this view today." />;
  }
  return (
    <EmptyState
      title={text ? `No invoice matches “${text}”` : "No invoice matches these filters"}
      text={
        text
          ? "Numbers, PO numbers and other references, names, texts and amounts were searched."
          : undefined
      }
    >
      <ButtonLink to={pathOf("/invoices")}>Remove all filters</ButtonLink>
    </EmptyState>
  );
}
