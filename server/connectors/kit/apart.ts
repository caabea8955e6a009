import { z } from "zod";
import type { Change } from "#domain/change.ts";
import { RequestError } from "#server/errors.ts";
import type { Parsed, Rejected } from "#server/connectors/contract.ts";
import { UnreadableAnswer } from "./rest.ts";

/**
 * What each element says, in their order; one that cannot be used is rejected alone, under the name
 * that `at` gives it. Throws whatever else goes wrong, so that a system that fails is asked again.
 */
export async function eachApart<T>(
  elements: readonly T[],
  at: (element: T) => string,
  read: (element: T) => Change[] | Promise<Change[]>,
): Promise<Required<Parsed>> {
  const rejected: Rejected[] = [];
  const changes = await Promise.all(
    elements.map(async (element) => {
      try {
        return await read(element);
      } catch (error) {
        rejected.push({ at: at(element), reason: unusable(error) });
        return [];
      }
    }),
  );
  return { changes: changes.flat(), rejected };
}

/**
 * As `eachApart`, of the events of one body and without waiting: `read` is given each event with its place.
 * One that cannot be used is rejected under its id, else its place, counted from 1.
 */
export function eventsApart<T>(
  events: readonly unknown[],
  read: (event: unknown, at: string) => T[],
): { found: T[]; rejected: Rejected[] } {
  const rejected: Rejected[] = [];
  const found = events.flatMap((event, at) => {
    try {
      return read(event, String(at));
    } catch (error) {
      rejected.push({ at: `Event ${textIn(event, "id") ?? at + 1}`, reason: unusable(error) });
      return [];
    }
  });
  return { found, rejected };
}

/** Why an element cannot be used. Throws the error when it is none that the element is to blame for. */
export function unusable(error: unknown): string {
  if (error instanceof RequestError || error instanceof UnreadableAnswer) return error.message;
  throw error;
}

/** Both, one after the other. */
export function joinParsed(...all: Parsed[]): Required<Parsed> {
  return {
    changes: all.flatMap(({ changes }) => changes),
    rejected: all.flatMap(({ rejected }) => rejected ?? []),
  };
}

/** A row's property as text, where the row as a whole may not be readable; undefined when it has none. */
export function textIn(row: unknown, name: string): string | undefined {
  const value = z.looseObject({}).safeParse(row).data?.[name];
  return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
}
