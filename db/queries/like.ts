import { type RawBuilder, sql } from "kysely";

/** That a text begins with what somebody typed. */
export function beginsWith(text: RawBuilder<string>, typed: string): RawBuilder<boolean> {
  return sql<boolean>`${text} like ${`${literal(typed)}%`} escape '!'`;
}

/** That a text holds what somebody typed. */
export function holds(text: RawBuilder<string>, typed: string): RawBuilder<boolean> {
  return sql<boolean>`${text} like ${`%${literal(typed)}%`} escape '!'`;
}

/** Every character stands for itself. */
function literal(typed: string): string {
  return typed.replaceAll(/[%_!]/g, "!$&");
}
