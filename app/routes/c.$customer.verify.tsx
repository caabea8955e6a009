import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { Form, Link, useLoaderData } from "@remix-run/react";
import { requireCustomer } from "#app/access/auth.server.ts";
import { Button } from "#app/ui/button.tsx";
import { Pairs } from "#app/ui/facts.tsx";
import { Field } from "#app/ui/field.tsx";
import { PageHead, Section } from "#app/ui/page.tsx";
import { StatusShape } from "#app/ui/status-mark.tsx";
import { When } from "#app/ui/when.tsx";
import { eventWords } from "#app/words/words.ts";
import { useCustomerPath } from "#app/frame/customer-path.ts";
import { compareFingerprint, fewestOfFingerprint, readFingerprint } from "#domain/fingerprint.ts";
import { findOwnEvent } from "#db/queries/verify-record.ts";

export const meta: MetaFunction = () => [{ title: "Verify a record" }];

/** Compares the number and fingerprint of a mail with the reader's own records. */
export async function loader({ request, params, context }: LoaderFunctionArgs) {
  const scope = await requireCustomer({ request, params, context });
  const query = new URL(request.url).searchParams;
  const sequence = (query.get("sequence") ?? "").replaceAll(/[^\d]/g, "").slice(0, 15);
  const hash = readFingerprint(query.get("hash") ?? "");
  if (sequence === "") {
    const verdict = query.has("sequence") ? ("numberless" as const) : null;
    return { sequence, hash, verdict, event: null };
  }
  const event = await findOwnEvent(context.db, scope, Number(sequence));
  if (!event) return { sequence, hash, verdict: "unknown" as const, event: null };
  const verdict = compareFingerprint(event.hash, hash);
  return { sequence, hash, verdict, event: verdict === "short" ? null : event };
}

const verdicts = {
  numberless: {
    status: "open",
    tone: "soft",
    text: "Please give the record's number, in figures.",
  },
  short: {
    status: "open",
    tone: "soft",
    text: `Too short to compare: please give at least ${fewestOfFingerprint} characters of the fingerprint.`,
  },
  same: { status: "paid", tone: "money", text: "This is the record, unchanged." },
  different: {
    status: "overdue",
    tone: "late",
    text: "This fingerprint is not that of the record.",
  },
  unknown: { status: "overdue", tone: "late", text: "You have no record with this number." },
} as const;

export default function Verify() {
  const { sequence, hash, verdict, event } = useLoaderData<typeof loader>();
  return (
    <>
      <PageHead
        title="Verify a record"
        text="Every mail and every invoice page carries the number and fingerprint of its record."
      />
      {verdict === null ? null : <Verdict verdict={verdict} />}
      {event === null ? null : <Record event={event} />}
      <Section title="Ask" note="Only your company's own records are compared.">
        <Form method="get" className="form stack-4">
          <Field
            label="Number"
            name="sequence"
            inputMode="numeric"
            required
            defaultValue={sequence}
          />
          <Field
            label="Fingerprint"
            name="hash"
            required
            defaultValue={hash}
            hint="At least its first 8 characters; spaces do not matter"
          />
          <Button look="main">Compare</Button>
        </Form>
      </Section>
      <Section title="Without us" note="Needs neither this portal nor a network">
        <p>
          With a proof that you downloaded from an invoice&rsquo;s page, your own browser can{" "}
          <Link to="/verify/file">check the file</Link>.
        </p>
      </Section>
    </>
  );
}

function Verdict({ verdict }: { verdict: keyof typeof verdicts }) {
  const { status, tone, text } = verdicts[verdict];
  return (
    <p className={`verdict ${tone}`} role="status">
      <StatusShape status={status} />
      <span>{text}</span>
    </p>
  );
}

type Found = NonNullable<ReturnType<typeof useLoaderData<typeof loader>>["event"]>;

function Record({ event }: { event: Found }) {
  const pathOf = useCustomerPath();
  const words = Object.entries(eventWords).find(([type]) => type === event.type)?.[1] ?? event.type;
  const facts = [
    { term: "What", value: words },
    { term: "Happened", value: <When at={event.occurred_at} form="second" zone /> },
    { term: "Recorded", value: <When at={event.recorded_at} form="second" zone /> },
  ];
  if (event.number !== null) {
    const link = <Link to={pathOf(`/invoices/${event.invoice_id}`)}>{event.number}</Link>;
    facts.push({ term: "Invoice", value: link });
  }
  return (
    <Section title="The record">
      <Pairs lined facts={facts} />
    </Section>
  );
}
