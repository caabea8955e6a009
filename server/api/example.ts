import type { JsonSchema } from "./json-schema.ts";

/**
 * A value that fits a schema, made of its own examples where it has them. Optional fields without an
 * example are left out.
 */
export function exampleOf(schema: JsonSchema, named: Record<string, JsonSchema>): unknown {
  const { $ref, examples, anyOf, oneOf } = schema;
  if ($ref !== undefined) return exampleOf(named[nameOf($ref)] ?? {}, named);
  if (examples !== undefined && examples.length > 0) return examples[0];
  if (schema.const !== undefined) return schema.const;
  if (schema.default !== undefined) return schema.default;
  if (schema.enum !== undefined) return schema.enum[0];
  const [choice] = anyOf ?? oneOf ?? [];
  if (choice !== undefined) return exampleOf(choice, named);
  return exampleOfType(schema, named);
}

/** The name of a schema that a reference points to. */
export function nameOf(ref: string): string {
  return ref.split("/").at(-1) ?? ref;
}

/** The first type of a schema that is not null. */
export function typeOf({ type }: JsonSchema): string | undefined {
  const types: unknown[] = Array.isArray(type) ? type : [type];
  const found = types.find((each) => each !== "null");
  return typeof found === "string" ? found : undefined;
}

function exampleOfType(schema: JsonSchema, named: Record<string, JsonSchema>): unknown {
  switch (typeOf(schema)) {
    case "object":
      return Object.fromEntries(
        fieldsOf(schema)
          .filter(({ required, field }) => required || hasExample(field))
          .map(({ name, field }) => [name, exampleOf(field, named)]),
      );
    case "array": {
      const { items } = schema;
      return typeof items === "object" && !Array.isArray(items) ? [exampleOf(items, named)] : [];
    }
    case "integer":
    case "number":
      return schema.minimum ?? 1;
    case "boolean":
      return false;
    case "string":
      return "text";
    default:
      return null;
  }
}

/** The fields of an object's schema. */
export function fieldsOf({ properties = {}, required = [] }: JsonSchema) {
  return Object.entries(properties).flatMap(([name, field]) =>
    typeof field === "object" ? [{ name, field, required: required.includes(name) }] : [],
  );
}

function hasExample({ examples }: JsonSchema): boolean {
  return examples !== undefined && examples.length > 0;
}
