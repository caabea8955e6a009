import { Form } from "@remix-run/react";
import { useCallback, useEffect, useRef } from "react";
import { useCustomerPath } from "#app/customer-path.ts";
import { type Picked, pickedIn } from "#app/picked.ts";
import type { Line } from "#server/domain/change.ts";
import { wholeAmount } from "#server/domain/dispute.ts";
import { Button, ButtonLink } from "./button.tsx";
import { AreaField, Field, SelectField } from "./field.tsx";
import { Choice, FormActions, FormError, FormGroup } from "./form.tsx";
import { Money } from "./money.tsx";
import { PickLines } from "./pick-lines.tsx";
import { reasonWords } from "./words.ts";

interface Refused {
  message: string;
  errors: Record<string, string>;
  values: Record<string, string>;
  lists: Record<string, string[]>;
}

/** What is wrong, how much of it, and the words to it; one plain form that tells what it comes to. */
export function DisputeFields({
  invoice,
  supplier,
  refused,
  picked,
  onPick,
}: {
  invoice: { id: string; currency: string; due: number; total: number; lines: readonly Line[] };
  supplier: string;
  refused: Refused | undefined;
  picked: Picked | null;
  onPick: (picked: Picked) => void;
}) {
  const form = useRef<HTMLFormElement>(null);
  const pathOf = useCustomerPath();
  const look = useCallback(() => {
    if (form.current) onPick(pickedIn(new FormData(form.current), invoice));
  }, [invoice, onPick]);
  // What was typed before the page was ready, or came back refused.
  useEffect(look, [look]);
  const error = (name: string) => refused?.errors[name];
  const value = (name: string) => refused?.values[name];
  return (
    <Form method="post" className="form" ref={form} onChange={look}>
      {refused ? <FormError>{refused.message}</FormError> : null}
      <FormGroup legend="What is wrong?">
        <SelectField
          label="Reason"
          name="reason"
          required
          defaultValue={value("reason") ?? ""}
          error={error("reason")}
          options={[["", "Choose a reason"], ...Object.entries(reasonWords)]}
        />
      </FormGroup>
      <Part {...{ invoice, refused, picked }} />
      <FormGroup legend={`Tell ${supplier}`}>
        <AreaField
          label="Message"
          name="message"
          required
          maxLength={5000}
          defaultValue={value("message")}
          error={error("message")}
        />
        <Field
          label="Your reference, if you have one"
          name="customerReference"
          maxLength={100}
          defaultValue={value("customerReference")}
          error={error("customerReference")}
        />
      </FormGroup>
      <FormActions>
        <Button look="main" size="big">
          Open the dispute
        </Button>
        <ButtonLink to={pathOf(`/invoices/${invoice.id}`)} look="quiet">
          Cancel
        </ButtonLink>
      </FormActions>
    </Form>
  );
}

function Part({
  invoice,
  refused,
  picked,
}: {
  invoice: { currency: string; due: number; total: number; lines: readonly Line[] };
  refused: Refused | undefined;
  picked: Picked | null;
}) {
  const { currency, lines } = invoice;
  const whole = <Money amount={wholeAmount(invoice)} currency={currency} />;
  const singly = {
    value: "lines",
    label: "Single lines",
    note: "Say what you think each should be, and we do the arithmetic.",
  };
  const options = [
    { value: "whole", label: "The whole invoice", end: whole },
    { value: "amount", label: "An amount of it" },
    ...(lines.length > 0 ? [singly] : []),
  ];
  return (
    <>
      <Choice
        legend="How much of it?"
        name="part"
        options={options}
        defaultValue={refused?.values["part"] ?? "whole"}
        error={refused?.errors["part"]}
      />
      <div className="form__part form__part--amount">
        <Field
          label={`Amount in ${currency}`}
          name="amount"
          numeric
          inputMode="decimal"
          hint="For an amount of it, tax included"
          defaultValue={refused?.values["amount"]}
          error={refused?.errors["amount"]}
        />
      </div>
      {lines.length === 0 ? null : (
        <div className="form__part form__part--lines">
          {refused?.errors["line"] ? (
            <span className="field__error">{refused.errors["line"]}</span>
          ) : null}
          <PickLines {...{ currency, lines, refused, picked }} />
        </div>
      )}
    </>
  );
}
