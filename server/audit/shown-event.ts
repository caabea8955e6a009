import type { EventRow } from "#db/schema/ledger.ts";
import { Source } from "#domain/event.ts";

/**
 * An event for the audit log: who caused it in words, its data as indented JSON, null once erased.
 * `people` are names by the id of the user.
 */
export function shownEvent(row: EventRow, people: ReadonlyMap<string, string>) {
  return {
    sequence: row.sequence,
    type: row.type,
    audience: row.audience,
    occurredAt: row.occurred_at,
    recordedAt: row.recorded_at,
    hash: row.hash,
    source: causedBy(Source.parse(JSON.parse(row.source)), people),
    data: row.data === null ? null : JSON.stringify(JSON.parse(row.data), null, 2),
  };
}

function causedBy(source: Source, people: ReadonlyMap<string, string>): string {
  switch (source.kind) {
    case "connection":
      return source.delivery === undefined
        ? source.connection
        : `${source.connection}, delivery ${source.delivery}`;
    case "user":
      return people.get(source.user) ?? source.user;
    case "scheduler":
      return `schedule ${source.job}`;
    case "operator":
      return source.name;
    case "portal":
      return "the portal";
  }
}
