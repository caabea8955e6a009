import type { Db } from "#db/connect.ts";
import { invoicesNamed } from "#db/queries/audit-log.ts";
import { connectionNames } from "#db/queries/invoice-page.ts";
import type { LedgerEvent } from "#domain/event.ts";
import type { Reader } from "#app/ui/reader.ts";
import { eventWords } from "./words.ts";
import { sentenceOf } from "./event-sentence.server.ts";

/** An event in plain words, for finance. */
export interface Told {
  sequence: number;
  type: LedgerEvent["type"];
  sentence: string;
  /** The number of its invoice. */
  invoice: string | null;
}

/** Events in plain words; also those that are not written yet, such as a replay's. */
export async function toldEvents(db: Db, events: LedgerEvent[], reader: Reader): Promise<Told[]> {
  const invoices = await invoicesNamed(db, [
    ...new Set(events.flatMap((each) => each.invoice ?? [])),
  ]);
  for (const { type, data, invoice } of events) {
    if (type === "invoice.issued" && invoice !== null) {
      const { number, currency } = data.invoice;
      if (!invoices.has(invoice)) invoices.set(invoice, { number, currency });
    }
  }
  const systems = events.flatMap(({ source }) =>
    source.kind === "connection" ? source.connection : [],
  );
  const names = await connectionNames(db, [...new Set(systems)]);
  return events.map((event) => {
    const invoice = invoices.get(event.invoice ?? "");
    const { sequence, type } = event;
    const sentence = invoice
      ? sentenceOf(event, { reader, names, currency: invoice.currency })
      : eventWords[type];
    return { sequence, type, sentence, invoice: invoice?.number ?? null };
  });
}
