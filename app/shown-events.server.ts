import type { Db } from "#db/connect.ts";
import { peopleNamed } from "#db/queries/audit-log.ts";
import type { EventRow } from "#db/schema.ts";
import { shownEvent } from "#server/finance/shown-event.ts";
import { eventOf } from "#server/ledger/read.ts";
import type { Reader } from "./components/reader.ts";
import { toldEvents } from "./told.server.ts";

/** Rows of the audit log: what happened in plain words, who caused it by name. */
export async function shownEvents(db: Db, rows: EventRow[], reader: Reader) {
  const whole = rows.filter(({ data }) => data !== null).map(eventOf);
  const users = whole.flatMap(({ source }) => (source.kind === "user" ? source.user : []));
  const people = await peopleNamed(db, [...new Set(users)]);
  const told = new Map((await toldEvents(db, whole, reader)).map((each) => [each.sequence, each]));
  return rows.map((row) => {
    const shown = shownEvent(row, people);
    const words = told.get(row.sequence);
    const isAudit = row.type === "audit.recorded" || words === undefined;
    return {
      ...shown,
      summary: isAudit ? shown.summary : words.sentence,
      number: words?.invoice ?? null,
    };
  });
}
