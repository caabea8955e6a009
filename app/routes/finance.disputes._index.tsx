import type { LoaderFunctionArgs } from "@remix-run/node";
import { useLoaderData, useLocation, useNavigate } from "@remix-run/react";
import { useEffect, useState } from "react";
import { DisputeCase } from "#app/disputes/dispute-case.tsx";
import { requireDesk } from "#app/access/console.server.ts";
import { loadCase, readQueue } from "#app/disputes/dispute-case.server.ts";
import { disputeQueue } from "#db/queries/dispute-queue.ts";

/** The first case of the queue, so that nobody has to choose before there is something to read. */
export async function loader({ request, context }: LoaderFunctionArgs) {
  const desk = await requireDesk(request, context);
  const [first] = await disputeQueue(context.db, { ...readQueue(request, desk).asked, limit: 1 });
  return { first: first ? await loadCase(context, desk, first.id) : null };
}

export default function FirstDispute() {
  const { first } = useLoaderData<typeof loader>();
  const shown = useHeld(first);
  return shown === null ? <NoDispute /> : <DisputeCase data={shown} wide />;
}

type First = ReturnType<typeof useLoaderData<typeof loader>>["first"];

/**
 * The case that was shown first: another one that comes before it now does not take its place under its
 * reader, for whom the page goes on at the case's own address. A phone shows the queue alone.
 */
function useHeld(first: First): First {
  const [held, setHeld] = useState(first);
  const navigate = useNavigate();
  const { search } = useLocation();
  const path = held !== null && held.dispute.id !== first?.dispute.id ? pathOf(held) : null;
  useEffect(() => {
    if (path === null) return undefined;
    const leave = () => {
      if (window.matchMedia("(max-width: 56rem)").matches) return;
      navigate(path + search, { replace: true, preventScrollReset: true });
    };
    leave();
    window.addEventListener("resize", leave);
    return () => window.removeEventListener("resize", leave);
  }, [path, search, navigate]);
  if (held === null && first !== null) setHeld(first);
  return path === null ? first : held;
}

function pathOf({ dispute }: NonNullable<First>): string {
  return `/finance/disputes/${dispute.id}`;
}

function NoDispute() {
  return (
    <div className="case wide-only">
      <h2>Nothing to decide here</h2>
      <p className="soft">A dispute shows up in the queue as soon as a customer opens one.</p>
    </div>
  );
}
