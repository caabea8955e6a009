import { useCallback, useEffect, useRef } from "react";
import { useCustomerPath } from "#app/frame/customer-path.ts";
import { type Picked, pickedIn } from "./picked.ts";
import type { Line } from "#domain/change.ts";
import { wholeAmount } from "#domain/disputed-amount.ts";
import type { LinePlace } from "#app/invoices/line-pages.tsx";
import { TurnLines } from "./turn-lines.tsx";
import { Button, ButtonLink } from "#app/ui/button.tsx";
import { AreaField, Field, SelectField } from "#app/ui/field.tsx";
import { Choice, FormActions, FormError, FormGroup } from "#app/ui/form.tsx";
import { Money } from "#app/ui/money.tsx";
import { PickLines } from "./pick-lines.tsx";
import { PostForm } from "#app/ui/post-form.tsx";
import { useReader } from "#app/ui/reader.ts";
import { reasonWords } from "#app/words/words.ts";

interface Refused {
  message: string;
  errors: Record<string, string>;
  values: Record<string, string>;
  lists: Record<string, string[]>;
}

interface Disputable {
  id: string;
  currency: string;
  due: number;
  total: number;
  /** Those that are shown: a page of them, and before it what is chosen of other pages. */
  lines: readonly Line[];
  place: LinePlace;
  /** Says whether the lines are still those that the form showed. */
  linesMark: string;
}

/** What is wrong, how much of it, and the words to it; one plain form that tells what it comes to. */
export function DisputeFields({
  invoice,
  taken,
  supplier,
  refused,
  picked,
  draft,
  onPick,
}: {
  invoice: Disputable;
  /** The numbers of open disputes by the id of the line that they are about. */
  taken: ReadonlyMap<string, string>;
  supplier: string;
  refused: Refused | undefined;
  picked: Picked | null;
  draft: string;
  onPick: (picked: Picked) => void;
}) {
  const inside = useRef<HTMLDivElement>(null);
  const pathOf = useCustomerPath();
  const { locale } = useReader();
  const { place } = invoice;
  const look = useCallback(() => {
    const form = inside.current?.closest("form");
    if (form) onPick(pickedIn(new FormData(form), invoice, locale));
  }, [invoice, locale, onPick]);
  // What was typed before the page was ready, or came back refused.
  useEffect(look, [look]);
  const error = (name: string) => refused?.errors[name];
  const value = (name: string) => refused?.values[name];
  return (
    <PostForm
      className="form"
      onChange={look}
      draft={draft}
      {...(place.pages > 1 && { action: `?lines=${place.page}` })}
    >
      <div ref={inside}>
        {refused?.message ? <FormError>{refused.message}</FormError> : null}
        <input type="hidden" name="shownWhole" value={wholeAmount(invoice)} />
        <input type="hidden" name="shownLines" value={invoice.linesMark} />
      </div>
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
      <Part {...{ invoice, taken, refused, picked }} />
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
    </PostForm>
  );
}

interface PartProps {
  invoice: Disputable;
  taken: ReadonlyMap<string, string>;
  refused: Refused | undefined;
  picked: Picked | null;
}

/** How much of it is disputed; while lines are in dispute only other lines can be. */
function Part({ invoice, taken, refused, picked }: PartProps) {
  const { currency, lines } = invoice;
  const whole = <Money amount={wholeAmount(invoice)} currency={currency} />;
  const singly = {
    value: "lines",
    label: "Single lines",
    note: "Say what you think each should be, and we do the arithmetic.",
  };
  const undivided = [
    { value: "whole", label: "The whole invoice", end: whole },
    { value: "amount", label: "An amount of it" },
  ];
  const isPartly = taken.size > 0;
  const options = [...(isPartly ? [] : undivided), ...(lines.length > 0 ? [singly] : [])];
  return (
    <>
      <Choice
        legend="How much of it?"
        name="part"
        options={options}
        defaultValue={isPartly ? "lines" : (refused?.values["part"] ?? "whole")}
        error={refused?.errors["part"]}
      />
      <div className="form__part form__part--amount">
        <Field
          label={`Amount in ${currency}`}
          name="amount"
          numeric
          inputMode="decimal"
          maxLength={40}
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
          <PickLines {...{ currency, lines, refused, picked, taken }} />
          <TurnLines place={invoice.place} />
        </div>
      )}
    </>
  );
}
