import type { Db } from "#db/connect.ts";
import { peopleNamed } from "#db/queries/audit-log.ts";
import { namesOf } from "#db/queries/names.ts";
import type { EventRow } from "#db/schema/ledger.ts";
import { auditWords, idsIn } from "#server/audit/audit-words.ts";
import { shownEvent } from "#server/audit/shown-event.ts";
import { eventOf } from "#server/ledger/read.ts";
import type { Reader } from "#app/ui/reader.ts";
import { toldEvents } from "#app/words/told.server.ts";

/** Rows of the audit log: what happened in plain words, who caused it by name. */
export async function shownEvents(db: Db, rows: EventRow[], reader: Reader) {
  const whole = rows.filter(({ data }) => data !== null).map(eventOf);
  const users = whole.flatMap(({ source }) => (source.kind === "user" ? source.user : []));
  const people = await peopleNamed(db, [...new Set(users)]);
  const names = await namesOf(db, whole.flatMap(idsIn));
  const audited = new Map(whole.map((event) => [event.sequence, auditWords(event, names)]));
  const told = new Map((await toldEvents(db, whole, reader)).map((each) => [each.sequence, each]));
  return rows.map((row) => {
    const shown = shownEvent(row, people);
    const words = told.get(row.sequence);
    return {
      ...shown,
      summary: audited.get(row.sequence) ?? words?.sentence ?? "",
      number: words?.invoice ?? null,
    };
  });
}
