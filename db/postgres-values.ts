import pg from "pg";

const { builtins } = pg.types;

/** Reads what PostgreSQL gives as SQLite would give it: counts and money as numbers, instants as text. */
export class TypesAsOnSqlite extends pg.TypeOverrides {
  constructor() {
    super();
    this.setTypeParser(builtins.INT8, safeInteger);
    // What sums of integers are.
    this.setTypeParser(builtins.NUMERIC, safeInteger);
    this.setTypeParser(builtins.TIMESTAMPTZ, toInstant);
  }
}

/** "2026-11-20 10:00:00.5+00", as a connection in UTC gives it. */
function toInstant(text: string): string {
  return new Date(text.replace(" ", "T").replace(/\+00$/, "Z")).toISOString();
}

/** Throws for what a JavaScript number would round. */
function safeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} is no safe integer`);
  return value;
}

/** Text cannot hold U+0000 there: a replacement character stands in for it, in values and in searches. */
export function withoutNul(value: unknown): unknown {
  return typeof value === "string" && value.includes("\0")
    ? value.replaceAll("\0", "\u{fffd}")
    : value;
}
