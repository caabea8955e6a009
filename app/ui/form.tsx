import { useId, type ReactNode } from "react";
import { StatusShape } from "./status-mark.tsx";

/** A part of a form under its own legend. */
export function FormGroup({ legend, children }: { legend: string; children: ReactNode }) {
  return (
    <fieldset className="form__group">
      <legend>{legend}</legend>
      <div className="stack-4">{children}</div>
    </fieldset>
  );
}

export type Option = { value: string; label: string; note?: ReactNode; end?: ReactNode };

/** One of several, as rows. `end` is what stands at the end of a row, such as an amount. */
export function Choice({
  legend,
  name,
  options,
  defaultValue,
  error,
}: {
  legend: string;
  name: string;
  options: readonly Option[];
  defaultValue?: string | undefined;
  error?: string | undefined;
}) {
  const id = useId();
  return (
    <fieldset className="form__group" aria-describedby={error === undefined ? undefined : id}>
      <legend>{legend}</legend>
      <div>
        {options.map(({ value, label, note, end }) => (
          <label key={value} className="choice">
            <input type="radio" name={name} value={value} defaultChecked={value === defaultValue} />
            <span className="choice__text">
              {label}
              {note === undefined ? null : <small>{note}</small>}
            </span>
            {end === undefined ? null : <span className="num">{end}</span>}
          </label>
        ))}
        {error === undefined ? null : (
          <span className="field__error" id={id}>
            {error}
          </span>
        )}
      </div>
    </fieldset>
  );
}

/** What is wrong with the whole form, above its fields; read out at once. */
export function FormError({ children }: { children: ReactNode }) {
  return (
    <p className="field__error form__error" role="alert">
      <StatusShape status="overdue" />
      <span>{children}</span>
    </p>
  );
}

/** The row of buttons that ends a form. */
export function FormActions({ children }: { children: ReactNode }) {
  return <div className="acts">{children}</div>;
}
