import type { LoaderFunctionArgs } from "@remix-run/node";
import { Form, Link, Outlet, useLoaderData, useParams } from "@remix-run/react";
import { WorkHead } from "#app/frame/console-frame.tsx";
import { DeskKeys } from "#app/disputes/desk-keys.tsx";
import { Desk, Queue, Ticket } from "#app/disputes/desk.tsx";
import { DisputeMark } from "#app/disputes/dispute-mark.tsx";
import { Money, moneyText } from "#app/ui/money.tsx";
import { useReader } from "#app/ui/reader.ts";
import { clockText } from "#app/disputes/response-clock.tsx";
import { reasonWords } from "#app/words/words.ts";
import { consoleTitle } from "#app/frame/console-title.ts";
import { useSteady } from "#app/live/steady.ts";
import { requireDesk } from "#app/access/console.server.ts";
import { readQueue } from "#app/disputes/dispute-case.server.ts";
import {
  disputedSums,
  disputeQueue,
  queueCounts,
  type QueueView,
} from "#db/queries/dispute-queue.ts";
import { responseClock } from "#server/disputes/response-clock.ts";

const pageSize = 50;

export const meta = consoleTitle("Disputes");

export async function loader({ request, context }: LoaderFunctionArgs) {
  const desk = await requireDesk(request, context);
  const { scope, now } = desk;
  const { view, q, after, asked } = readQueue(request, desk);
  const [rows, counts, sums] = await Promise.all([
    disputeQueue(context.db, { ...asked, limit: pageSize + 1 }),
    queueCounts(context.db, { userId: scope.userId, now }),
    disputedSums(context.db),
  ]);
  const shown = rows.slice(0, pageSize);
  const last = rows.length > pageSize ? shown.at(-1) : undefined;
  return {
    view,
    q,
    after,
    counts,
    sums,
    next: last ? `${last.rank}~${placeOf(last, view)}~${last.id}` : null,
    disputes: shown.map((row) => ({
      id: row.id,
      number: row.number,
      state: row.state,
      reason: row.reason,
      currency: row.currency,
      amount: row.amount,
      invoice: row.invoice_number,
      customer: row.customer_name,
      processor: row.processor,
      clock: responseClock(row, now),
    })),
  };
}

/** What the queue goes by: the deadline, or when it was closed. */
function placeOf(
  row: { first_response_due_at: string; closed_at: string | null },
  view: QueueView,
): string {
  return view === "closed" && row.closed_at !== null ? row.closed_at : row.first_response_due_at;
}

const views = [
  ["all", "All"],
  ["mine", "Mine"],
  ["unassigned", "Unassigned"],
  ["late", "Late"],
  ["waiting", "Waiting for customer"],
] as const;

export default function Disputes() {
  const loaded = useLoaderData<typeof loader>();
  const { view, q, after, counts, next } = loaded;
  const query = queryText({ view, q, after });
  const { rows: disputes, isMoved, sort } = useSteady(query, loaded.disputes);
  const { id } = useParams();
  // Without an address of its own the first one is shown beside the queue.
  const current = id === undefined ? 0 : disputes.findIndex((dispute) => dispute.id === id);
  const paths = disputes.map((dispute) => `/finance/disputes/${dispute.id}${query}`);
  return (
    <>
      <WorkHead title="Disputes" summary={`${counts.all} open`}>
        <Views view={view} counts={counts} />
      </WorkHead>
      <Desk isCase={id !== undefined}>
        <Queue label="Queue" tools={<QueueTools open={id} query={query} />}>
          {isMoved ? (
            <p className="queue__tools small" role="status">
              <span>
                This list has changed since you opened it.{" "}
                <button type="button" className="linklike" onClick={sort}>
                  Sort again
                </button>
              </span>
            </p>
          ) : null}
          {disputes.map((dispute, index) => (
            <Ticket
              key={dispute.id}
              to={paths[index] ?? ""}
              name={dispute.customer}
              amount={<Money amount={dispute.amount} currency={dispute.currency} />}
              text={`${dispute.invoice}, ${reasonWords[dispute.reason].toLowerCase()}`}
              deadline={clockText(dispute.clock)}
              late={dispute.clock.state === "late"}
              mark={<DisputeMark state={dispute.state} reader="supplier" />}
              current={index === current}
            />
          ))}
          {disputes.length === 0 ? <p className="small faint queue__tools">Nothing here.</p> : null}
          <QueuePages first={queryText({ view, q })} after={after} next={next} />
          <DeskKeys paths={paths} current={current} />
        </Queue>
        <Outlet />
      </Desk>
    </>
  );
}

type Loaded = ReturnType<typeof useLoaderData<typeof loader>>;

function Views({ view, counts }: Pick<Loaded, "view" | "counts">) {
  const to = (key: QueueView) => `/finance/disputes${queryText({ view: key, q: "" })}`;
  return (
    <nav className="row small" aria-label="Views">
      {views.map(([key, label]) => (
        <Link key={key} to={to(key)} aria-current={view === key ? "page" : undefined}>
          {label} {counts[key]}
        </Link>
      ))}
      <Link to={to("closed")} aria-current={view === "closed" ? "page" : undefined}>
        Closed
      </Link>
    </nav>
  );
}

function QueuePages({
  first,
  after,
  next,
}: { first: string } & Record<"after" | "next", string | null>) {
  if (after === null && next === null) return null;
  const further = new URLSearchParams(first);
  if (next !== null) further.set("after", next);
  return (
    <nav className="queue__tools queue__pages small" aria-label="Pages of the queue">
      {after === null ? null : <Link to={`/finance/disputes${first}`}>‹ First</Link>}
      {next === null ? null : <Link to={`/finance/disputes?${further}`}>Next ›</Link>}
    </nav>
  );
}

function QueueTools({ open, query }: { open: string | undefined; query: string }) {
  const { view, q, counts, sums } = useLoaderData<typeof loader>();
  const { locale } = useReader();
  const inDispute = sums.map((sum) => moneyText(sum, locale)).join(", ");
  const onWide = open === undefined ? undefined : "wide-only";
  return (
    <>
      {open === undefined ? null : (
        <Link className="phone-only small" to={`/finance/disputes${query}`}>
          ‹ All {counts.all} disputes
        </Link>
      )}
      <Form action="/finance/disputes" className={onWide}>
        <input type="hidden" name="view" value={view} />
        <input
          className="input"
          id="desk-search"
          type="search"
          name="q"
          defaultValue={q}
          placeholder="Search disputes"
          aria-label="Search by number or customer"
        />
      </Form>
      {inDispute === "" ? null : (
        <p className={onWide === undefined ? "tiny faint" : "tiny faint wide-only"}>
          In dispute {inDispute}
        </p>
      )}
    </>
  );
}

function queryText({ view, q, after }: { view: QueueView; q: string; after?: string | null }) {
  const query = new URLSearchParams();
  if (view !== "all") query.set("view", view);
  if (q !== "") query.set("q", q);
  if (after) query.set("after", after);
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}
