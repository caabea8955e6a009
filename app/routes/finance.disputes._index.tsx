import type { LoaderFunctionArgs } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";
import { DisputeCase } from "#app/components/dispute-case.tsx";
import { requireDesk } from "#app/console.server.ts";
import { loadCase, readQueue } from "#app/dispute-case.server.ts";
import { useFreshPage } from "#app/live.tsx";
import { disputeQueue } from "#db/queries/dispute-queue.ts";

/** The first case of the queue, so that nobody has to choose before there is something to read. */
export async function loader({ request, context }: LoaderFunctionArgs) {
  const desk = await requireDesk(request, context);
  const [first] = await disputeQueue(context.db, { ...readQueue(request, desk).asked, limit: 1 });
  return { first: first ? await loadCase(context, desk, first.id) : null };
}

export default function FirstDispute() {
  const { first } = useLoaderData<typeof loader>();
  return first === null ? <NoDispute /> : <First first={first} />;
}

type Loaded = ReturnType<typeof useLoaderData<typeof loader>>;

function First({ first }: { first: NonNullable<Loaded["first"]> }) {
  useFreshPage(first.sequence, first.invoiceId);
  return <DisputeCase data={first} wide />;
}

function NoDispute() {
  return (
    <div className="case wide-only">
      <h2>Nothing to decide here</h2>
      <p className="soft">A dispute shows up in the queue as soon as a customer opens one.</p>
    </div>
  );
}
