import { useId, type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes } from "react";
import type { TextareaHTMLAttributes } from "react";

type About = {
  label: string;
  name: string;
  hint?: ReactNode;
  /** What is wrong and the correct form; also marks the control as invalid. */
  error?: string | undefined;
};
type Control = {
  id: string;
  className: string;
  "aria-describedby"?: string;
  "aria-invalid"?: true;
};

/** A labelled input. Other attributes (type, defaultValue, required, autoComplete …) go to the input. */
export function Field({
  label,
  hint,
  error,
  numeric,
  ...input
}: About & InputHTMLAttributes<HTMLInputElement> & { numeric?: true }) {
  const look = numeric ? "input num" : "input";
  return (
    <Labelled label={label} hint={hint} error={error} look={look} bad="input--bad">
      {(control) => <input type="text" {...input} {...control} />}
    </Labelled>
  );
}

/** A labelled text area; of a secret only dots are seen. */
export function AreaField({
  label,
  hint,
  error,
  isSecret = false,
  ...area
}: About & TextareaHTMLAttributes<HTMLTextAreaElement> & { isSecret?: boolean }) {
  const look = isSecret ? "area area--secret" : "area";
  return (
    <Labelled label={label} hint={hint} error={error} look={look} bad="input--bad">
      {(control) => <textarea {...area} {...control} />}
    </Labelled>
  );
}

/** A labelled choice from a list, the system's own control. `options` are value and words. */
export function SelectField({
  label,
  hint,
  error,
  options,
  ...select
}: About &
  SelectHTMLAttributes<HTMLSelectElement> & { options: readonly (readonly [string, string])[] }) {
  return (
    <Labelled label={label} hint={hint} error={error} look="select" bad="input--bad">
      {(control) => (
        <select {...select} {...control}>
          {options.map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </select>
      )}
    </Labelled>
  );
}

/** One yes-or-no. Unticked sends nothing, ticked sends `value`. */
export function Tick({
  label,
  note,
  ...input
}: { label: string; note?: ReactNode; name: string } & InputHTMLAttributes<HTMLInputElement>) {
  return (
    <label className="choice">
      <input {...input} type="checkbox" />
      <span className="choice__text">
        {label}
        {note === undefined ? null : <small>{note}</small>}
      </span>
    </label>
  );
}

/** A control with its label, what is wrong with it and a hint. */
export function Labelled({
  label,
  hint,
  error,
  look,
  bad,
  children,
}: Omit<About, "name"> & {
  look: string;
  bad: string;
  children: (control: Control) => ReactNode;
}) {
  const id = useId();
  const control: Control = { id, className: look };
  if (error !== undefined) {
    control.className = `${look} ${bad}`;
    control["aria-invalid"] = true;
  }
  if (error !== undefined || hint !== undefined) control["aria-describedby"] = `${id}about`;
  return (
    <div className="field">
      <label className="field__label" htmlFor={id}>
        {label}
      </label>
      {children(control)}
      <span id={`${id}about`}>
        {error === undefined ? null : <span className="field__error">{error}</span>}
        {hint === undefined ? null : <span className="field__hint">{hint}</span>}
      </span>
    </div>
  );
}
