import { useRef } from "react";
import { Button } from "#app/ui/button.tsx";
import { Pairs } from "#app/ui/facts.tsx";
import { Field } from "#app/ui/field.tsx";
import { Money } from "#app/ui/money.tsx";
import { PostForm } from "#app/ui/post-form.tsx";
import { useReader } from "#app/ui/reader.ts";
import { When } from "#app/ui/when.tsx";

interface Promised {
  promised_on: string;
  amount: number;
  currency: string;
  state: string;
}

/** The button that opens the form in which a payment is promised; it works without JavaScript. */
export function PromiseForm({
  due,
  currency,
  lastDay,
  standing,
  refused,
}: {
  due: number;
  currency: string;
  /** The last day that can be promised. */
  lastDay: string;
  /** The promise that a new one takes the place of. */
  standing: Promised | null;
  refused: { errors: Record<string, string>; values: Record<string, string> } | undefined;
}) {
  const { today } = useReader();
  const details = useRef<HTMLDetailsElement>(null);
  const close = () => {
    // A refusal stays open, with its words at the field.
    if (details.current && refused === undefined) details.current.open = false;
  };
  return (
    <details className="promise" open={refused !== undefined} ref={details}>
      <summary className="btn">
        {standing === null ? "Promise a date" : "Promise another date"}
      </summary>
      <PostForm className="promise__form stack-4" replace onSent={close}>
        {standing === null ? null : (
          <p className="small">
            This takes the place of the promise of{" "}
            <Money amount={standing.amount} currency={currency} /> for{" "}
            <When at={standing.promised_on} form="date" />.
          </p>
        )}
        <Field
          label="Paid on"
          name="promisedOn"
          type="date"
          min={today}
          max={lastDay}
          required
          defaultValue={refused?.values["promisedOn"]}
          error={refused?.errors["promisedOn"]}
        />
        <Field
          label={`Amount in ${currency}`}
          name="amount"
          inputMode="decimal"
          numeric
          maxLength={40}
          defaultValue={refused?.values["amount"]}
          error={refused?.errors["amount"]}
          hint={
            <>
              Empty: all of <Money amount={due} currency={currency} />
            </>
          }
        />
        <Button width="full">Promise this date</Button>
        <input type="hidden" name="do" value="promise" />
      </PostForm>
    </details>
  );
}

/** The promise that stands, with the way to take it back, or that was not kept. */
export function StandingPromise({ promise, currency }: { promise: Promised; currency: string }) {
  const isBroken = promise.state === "broken";
  return (
    <section>
      <h2>{isBroken ? "Promise not kept" : "Promised"}</h2>
      <Pairs
        facts={[
          { term: "Amount", value: <Money amount={promise.amount} currency={currency} /> },
          {
            term: "For",
            value: (
              <span className={isBroken ? "late medium" : undefined}>
                <When at={promise.promised_on} form="date" />
              </span>
            ),
          },
        ]}
      />
      {isBroken ? null : (
        <PostForm className="aside__act">
          <input type="hidden" name="do" value="withdraw_promise" />
          <Button width="full">Take the promise back</Button>
        </PostForm>
      )}
    </section>
  );
}
