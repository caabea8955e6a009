import { AreaField, Field, SelectField, Tick } from "#app/ui/field.tsx";
import { FormGroup } from "#app/ui/form.tsx";

export interface ConnectionField {
  name: string;
  label: string;
  hint: string;
  kind: "text" | "number" | "flag" | "choice" | "lines" | "json";
  required: boolean;
  options: readonly string[];
  fallback: string;
}

type Given = { values: Record<string, string>; errors: Record<string, string> };

/** Settings show what is set; secrets are written only, an empty one stays as it is. */
export function ConnectionFields({
  settings,
  secrets,
  isNew,
  values,
  errors,
}: Given & {
  settings: readonly ConnectionField[];
  secrets: readonly ConnectionField[];
  isNew: boolean;
}) {
  return (
    <>
      {settings.length === 0 ? null : (
        <FormGroup legend="Settings">
          {settings.map((field) => (
            <Control key={field.name} {...{ field, values, errors }} />
          ))}
        </FormGroup>
      )}
      {secrets.length === 0 ? null : (
        <FormGroup legend="Secrets">
          {isNew ? null : (
            <p className="small soft">They are never shown. What you leave empty stays as it is.</p>
          )}
          {secrets.map((field) => (
            <Secret key={field.name} {...{ field, errors, isNew }} />
          ))}
        </FormGroup>
      )}
    </>
  );
}

function Control({ field, values, errors }: Given & { field: ConnectionField }) {
  const { name, label, hint, kind, required, options } = field;
  const value = values[name] ?? field.fallback;
  const about = { name, label, error: errors[name], ...(hint === "" ? {} : { hint }) };
  switch (kind) {
    case "flag":
      return (
        <Tick
          label={label}
          note={hint === "" ? undefined : hint}
          name={name}
          value="true"
          defaultChecked={value === "true"}
        />
      );
    case "choice": {
      const choices = options.map((option) => [option, option] as const);
      const all = required ? choices : [["", "–"] as const, ...choices];
      return <SelectField {...about} options={all} defaultValue={value} />;
    }
    case "lines":
    case "json":
      return <AreaField {...about} rows={3} defaultValue={value} required={required} />;
    case "number":
      return (
        <Field {...about} numeric inputMode="numeric" defaultValue={value} required={required} />
      );
    case "text":
      return <Field {...about} defaultValue={value} required={required} />;
  }
}

function Secret({
  field,
  errors,
  isNew,
}: {
  field: ConnectionField;
  errors: Given["errors"];
  isNew: boolean;
}) {
  const { name, label, hint, kind } = field;
  const about = { name, label, error: errors[name], ...(hint === "" ? {} : { hint }) };
  const control = { autoComplete: "off", required: isNew && field.required };
  // No password field has lines; what is typed here is not readable either.
  if (kind === "lines" || kind === "json") {
    return <AreaField {...about} {...control} rows={2} spellCheck={false} isSecret />;
  }
  return <Field {...about} {...control} type="password" autoComplete="new-password" />;
}
