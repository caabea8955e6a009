import { Form } from "@remix-run/react";
import type { Line } from "#server/domain/change.ts";
import { Button, ButtonLink } from "./button.tsx";
import { AreaField, Field, SelectField } from "./field.tsx";
import { Choice, FormActions, FormError, FormGroup } from "./form.tsx";
import { LedgerTable, Th } from "./ledger-table.tsx";
import { Money } from "./money.tsx";
import { reasonWords } from "./words.ts";

interface Refused {
  message: string;
  errors: Record<string, string>;
  values: Record<string, string>;
  lists: Record<string, string[]>;
}

/** What is wrong, how much of it, and the words to it; one plain form. */
export function DisputeFields({
  invoice,
  supplier,
  refused,
}: {
  invoice: { id: string; currency: string; due: number; lines: readonly Line[] };
  supplier: string;
  refused: Refused | undefined;
}) {
  const error = (name: string) => refused?.errors[name];
  const value = (name: string) => refused?.values[name];
  return (
    <Form method="post" className="form">
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
      <Part {...{ invoice, refused }} />
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
        <ButtonLink to={`/invoices/${invoice.id}`} look="quiet">
          Cancel
        </ButtonLink>
      </FormActions>
    </Form>
  );
}

function Part({
  invoice,
  refused,
}: {
  invoice: { currency: string; due: number; lines: readonly Line[] };
  refused: Refused | undefined;
}) {
  const { currency, due, lines } = invoice;
  const singly = {
    value: "lines",
    label: "Single lines",
    note: "Tick them and write the price, or the quantity if that is wrong; we do the arithmetic.",
  };
  const options = [
    { value: "whole", label: "The whole invoice", end: <Money amount={due} currency={currency} /> },
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
          <PickLines {...{ currency, lines, refused }} />
        </div>
      )}
    </>
  );
}

function PickLines({
  currency,
  lines,
  refused,
}: {
  currency: string;
  lines: readonly Line[];
  refused: Refused | undefined;
}) {
  return (
    <LedgerTable plain stacked caption="Lines to dispute">
      <thead>
        <tr>
          <Th>Line</Th>
          <Th numeric>Invoiced</Th>
          <Th numeric>You think</Th>
        </tr>
      </thead>
      <tbody>
        {lines.map((line) => (
          <PickLine key={line.id} {...{ line, currency, refused }} />
        ))}
      </tbody>
    </LedgerTable>
  );
}

function PickLine({
  line,
  currency,
  refused,
}: {
  line: Line;
  currency: string;
  refused: Refused | undefined;
}) {
  const name = `correct.${line.id}`;
  const wrong = refused?.errors[name];
  const amount = line.total ?? line.net;
  const ticked = refused?.lists["line"]?.includes(line.id) || refused?.values["line"] === line.id;
  return (
    <tr>
      <td className="full">
        <label className="pick">
          <input type="checkbox" name="line" value={line.id} defaultChecked={ticked} />
          <span>
            {line.description}
            <small>
              {amount === undefined ? null : <Money amount={amount} currency={currency} />}
            </small>
          </span>
        </label>
      </td>
      <td className="num" data-label="Invoiced">
        {line.quantity} {line.unit}
        {line.unitPrice === undefined ? null : ` × ${line.unitPrice}`}
      </td>
      <td className="num" data-label="You think">
        <input
          className={wrong ? "input num input--bad" : "input num"}
          name={name}
          inputMode="decimal"
          maxLength={60}
          aria-label={`What you think correct for ${line.description}`}
          aria-invalid={wrong === undefined ? undefined : true}
          defaultValue={refused?.values[name]}
        />
        {wrong ? <span className="field__error">{wrong}</span> : null}
      </td>
    </tr>
  );
}
