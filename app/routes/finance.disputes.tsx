import type { LoaderFunctionArgs } from "@remix-run/node";
import { Form, Link, Outlet, useLoaderData, useParams } from "@remix-run/react";
import { z } from "zod";
import { WorkHead } from "#app/components/console-frame.tsx";
import { Desk, Queue, Ticket } from "#app/components/desk.tsx";
import { DisputeMark } from "#app/components/dispute-mark.tsx";
import { Money, moneyText } from "#app/components/money.tsx";
import { useReader } from "#app/components/reader.ts";
import { clockText } from "#app/components/response-clock.tsx";
import { reasonWords } from "#app/components/words.ts";
import { useLive } from "#app/live.tsx";
import { requireDesk } from "#app/console.server.ts";
import { disputedSums, disputeQueue, queueCounts, QueueView } from "#db/queries/dispute-queue.ts";
import { headSequence } from "#db/queries/live.ts";
import { responseClock } from "#server/finance/response-clock.ts";

const pageSize = 50;
const Query = z.object({
  view: QueueView.catch("all"),
  q: z.string().trim().max(100).catch(""),
  after: z
    .string()
    .regex(/^[^~]+~[^~]+$/)
    .transform((text) => text.split("~"))
    .optional()
    .catch(undefined),
});

export async function loader({ request, context }: LoaderFunctionArgs) {
  const { scope, now } = await requireDesk(request, context);
  const { view, q, after } = Query.parse(Object.fromEntries(new URL(request.url).searchParams));
  const [dueAt = "", id = ""] = after ?? [];
  const asked = { view, name: scope.name, now, search: q, limit: pageSize + 1 };
  const page = after ? { ...asked, after: { dueAt, id } } : asked;
  const sequence = await headSequence(context.db);
  const [rows, counts, sums] = await Promise.all([
    disputeQueue(context.db, page),
    queueCounts(context.db, { name: scope.name, now }),
    disputedSums(context.db),
  ]);
  const shown = rows.slice(0, pageSize);
  const last = rows.length > pageSize ? shown.at(-1) : undefined;
  return {
    sequence,
    view,
    q,
    counts,
    sums,
    next: last ? `${last.first_response_due_at}~${last.id}` : null,
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

const views = [
  ["all", "All"],
  ["mine", "Mine"],
  ["unassigned", "Unassigned"],
  ["late", "Late"],
  ["waiting", "Waiting for customer"],
] as const;

export default function Disputes() {
  const { sequence, view, q, counts, sums, next, disputes } = useLoaderData<typeof loader>();
  const changes = useLive(sequence).filter(({ type }) => /^(dispute|comment)\./.test(type)).length;
  const { id: open } = useParams();
  const { locale } = useReader();
  const inDispute = sums.map((sum) => moneyText(sum, locale)).join(", ");
  const query = queryText({ view, q });
  return (
    <>
      <WorkHead
        title="Disputes"
        summary={`${counts.all} open${inDispute === "" ? "" : `, ${inDispute} in dispute`}`}
      >
        <nav className="row small" aria-label="Views">
          {views.map(([key, label]) => (
            <Link
              key={key}
              to={{ pathname: "/finance/disputes", search: queryText({ view: key, q: "" }) }}
              aria-current={view === key ? "page" : undefined}
            >
              {label} {counts[key]}
            </Link>
          ))}
          <Link
            to="/finance/disputes?view=closed"
            aria-current={view === "closed" ? "page" : undefined}
          >
            Closed
          </Link>
        </nav>
      </WorkHead>
      <Desk>
        <Queue label="Queue" tools={<QueueTools view={view} q={q} open={open} query={query} />}>
          {changes === 0 ? null : (
            <p className="queue__tools small" role="status">
              <span>
                {changes === 1 ? "1 change" : `${changes} changes`} since you opened this list.{" "}
                <Link to={`/finance/disputes${open === undefined ? "" : `/${open}`}${query}`}>
                  Sort again
                </Link>
              </span>
            </p>
          )}
          {disputes.map((dispute) => (
            <Ticket
              key={dispute.id}
              to={`/finance/disputes/${dispute.id}${query}`}
              name={dispute.customer}
              amount={<Money amount={dispute.amount} currency={dispute.currency} />}
              text={`${dispute.invoice}, ${reasonWords[dispute.reason].toLowerCase()}`}
              deadline={clockText(dispute.clock)}
              late={dispute.clock.state === "late"}
              mark={<DisputeMark state={dispute.state} reader="supplier" />}
              current={dispute.id === open}
            />
          ))}
          {disputes.length === 0 ? <p className="small faint queue__tools">Nothing here.</p> : null}
          {next === null ? null : (
            <p className="queue__tools small">
              <Link to={`${queryText({ view, q }) || "?"}&after=${encodeURIComponent(next)}`}>
                Next ›
              </Link>
            </p>
          )}
        </Queue>
        <Outlet />
      </Desk>
    </>
  );
}

type Tools = { view: QueueView; q: string; open: string | undefined; query: string };

function QueueTools({ view, q, open, query }: Tools) {
  return (
    <>
      {open === undefined ? null : (
        <Link className="phone-only small" to={`/finance/disputes${query}`}>
          ‹ All disputes
        </Link>
      )}
      <Form action="/finance/disputes" className={open === undefined ? undefined : "wide-only"}>
        <input type="hidden" name="view" value={view} />
        <input
          className="input"
          type="search"
          name="q"
          defaultValue={q}
          placeholder="Search disputes"
          aria-label="Search by number or customer"
        />
      </Form>
    </>
  );
}

function queryText({ view, q }: { view: QueueView; q: string }) {
  const query = new URLSearchParams();
  if (view !== "all") query.set("view", view);
  if (q !== "") query.set("q", q);
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}
