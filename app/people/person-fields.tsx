import { Field } from "#app/ui/field.tsx";

/** Who is to come in: a name and an address. */
export function PersonFields({
  values,
  errors,
}: {
  values: Record<string, string>;
  errors: Record<string, string>;
}) {
  return (
    <>
      <Field
        label="Name"
        name="name"
        required
        defaultValue={values["name"]}
        error={errors["name"]}
      />
      <Field
        label="E-mail address"
        name="email"
        type="email"
        required
        defaultValue={values["email"]}
        error={errors["email"]}
      />
    </>
  );
}
