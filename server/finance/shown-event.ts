import { z } from "zod";
import type { EventRow } from "#db/schema.ts";
import { clip } from "#server/domain/text.ts";
import { Source } from "#server/domain/event.ts";

const longestSummary = 70;
const Audited = z.object({ action: z.string(), subject: z.string() });

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
    summary: summaryOf(row),
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

function summaryOf({ type, data }: EventRow): string {
  if (data === null) return "";
  const text = type === "audit.recorded" ? auditedIn(data) : data;
  return clip(text, longestSummary);
}

function auditedIn(data: string): string {
  const { action, subject } = Audited.parse(JSON.parse(data));
  return `${action.replaceAll("_", " ")}: ${subject}`;
}
