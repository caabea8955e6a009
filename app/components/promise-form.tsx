import { Form } from "@remix-run/react";
import { Button } from "./button.tsx";
import { Pairs } from "./facts.tsx";
import { Field } from "./field.tsx";
import { Money } from "./money.tsx";
import { useReader } from "./reader.ts";
import { When } from "./when.tsx";

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
  refused,
}: {
  due: number;
  currency: string;
  refused: { errors: Record<string, string>; values: Record<string, string> } | undefined;
}) {
  const { today } = useReader();
  return (
    <details className="promise" open={refused !== undefined}>
      <summary className="btn">Promise a date</summary>
      <Form method="post" className="promise__form stack-4" replace>
        <Field
          label="Paid on"
          name="promisedOn"
          type="date"
          min={today}
          required
          defaultValue={refused?.values["promisedOn"]}
          error={refused?.errors["promisedOn"]}
        />
        <Field
          label={`Amount in ${currency}`}
          name="amount"
          inputMode="decimal"
          numeric
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
      </Form>
    </details>
  );
}

/** The promise that stands, or that was not kept. */
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
    </section>
  );
}
