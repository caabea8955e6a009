import { Form } from "@remix-run/react";
import { Button } from "./button.tsx";
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

/** Says until when what will be paid; the promise that stands is told above. */
export function PromiseForm({
  due,
  currency,
  promise,
  refused,
}: {
  due: number;
  currency: string;
  promise: Promised | null;
  refused: { errors: Record<string, string>; values: Record<string, string> } | undefined;
}) {
  const { today } = useReader();
  return (
    <section id="promise">
      <h2>Promise a payment</h2>
      {promise === null ? null : (
        <p className={promise.state === "broken" ? "small late" : "small soft"}>
          <Money amount={promise.amount} currency={currency} /> was promised for{" "}
          <When at={promise.promised_on} form="date" />
          {promise.state === "broken" ? " and has not come." : "."}
        </p>
      )}
      <Form method="post" className="stack" replace>
        <input type="hidden" name="do" value="promise" />
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
      </Form>
    </section>
  );
}
