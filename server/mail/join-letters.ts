import { EventTemplate, mailKind } from "#domain/mail.ts";
import { clipWords } from "#domain/text.ts";
import type { Fact } from "./content.ts";
import type { Letter } from "./letter.ts";

/** A mail about one event before it is joined with others: its invoice, and its template. */
export interface Part {
  letter: Letter;
  invoiceId: string | null;
  what: string;
}

const mostQuoted = 300;

/**
 * One letter in place of several to one person, in the order of their events: each with its title, its amount,
 * its words and its fingerprint, and for each invoice what is due now. About one invoice it stays in that
 * invoice's thread; otherwise it lists the invoices. One click stops it when all are of one kind.
 */
export function joinLetters(parts: [Part, ...Part[]]): Letter {
  const [first] = parts;
  if (parts.length === 1) return first.letter;
  const last = parts.at(-1) ?? first;
  const { reader } = last.letter;
  const byInvoice = new Map<string | null, Part[]>();
  for (const part of parts) {
    byInvoice.set(part.invoiceId, [...(byInvoice.get(part.invoiceId) ?? []), part]);
  }
  const isOne = byInvoice.size === 1;
  const isOneKind =
    new Set(parts.map(({ what }) => mailKind(EventTemplate.parse(what)))).size === 1;
  const counts = { count: reader.count(parts.length), invoices: reader.count(byInvoice.size) };
  const title = isOne
    ? reader.words("joined.title", { ...counts, subject: last.letter.subject })
    : reader.words("joined.titleMany", counts);
  const reasons = [...new Set(parts.map(({ letter }) => letter.why))].join(" ");
  const choose = `${reader.words("footer.choose")}: ${last.letter.publicUrl}/settings`;
  return {
    ...last.letter,
    subject: isOne ? last.letter.subject : title,
    content: {
      title,
      figure: null,
      mark: null,
      sentence: reader.words("joined.sentence"),
      quote: null,
      facts: [...byInvoice.values()].flatMap((group) => [
        ...group.map((part, index) => factOf(part, isOne ? "" : headOf(part, index))),
        ...balanceOf(group, isOne),
      ]),
      button: isOne ? last.letter.content.button : listButton(last.letter),
    },
    why: isOneKind ? reasons : `${reasons} ${choose}`,
    stopUrl: isOneKind ? last.letter.stopUrl : null,
  };
}

/** An invoice is named before the first of its events. */
function headOf({ letter }: Part, index: number): string {
  return index === 0 ? letter.subject : "";
}

/** What is due of an invoice now: behind its events, each of which says what was due after it. */
function balanceOf(group: Part[], isOne: boolean): Fact[] {
  const last = group.at(-1);
  const now = last?.letter.content.balance?.filter(({ asOf }) => asOf !== undefined) ?? [];
  return now.map((fact) =>
    isOne ? fact : { ...fact, label: `${fact.label} (${last?.letter.subject ?? ""})` },
  );
}

function factOf({ letter: { content, event, reader } }: Part, head: string): Fact {
  const { figure, mark, quote } = content;
  const value = [figure && reader.money(figure), mark?.text].filter(Boolean).join(" · ");
  const whole = quote && wordsOf(quote);
  const words = whole && clipWords(whole, mostQuoted);
  const rest = words !== whole && content.button.url;
  const print = event && `${event.label} ${event.fingerprint}`;
  const detail = [words, rest, print].filter(Boolean).join(" · ");
  const label = [head, content.title].filter(Boolean).join(": ");
  return { label, value, detail };
}

/** Whether a joined mail shows only the beginning of what a person wrote; the link to the rest stands behind it. */
export function isShortened({ content: { quote } }: Letter): boolean {
  return quote !== null && wordsOf(quote).length > mostQuoted;
}

function wordsOf({ author, text }: NonNullable<Letter["content"]["quote"]>): string {
  return `${author}: ${text.replaceAll(/\s+/g, " ")}`;
}

function listButton({ reader, publicUrl }: Letter) {
  return { label: reader.words("button.invoices"), url: `${publicUrl}/invoices` };
}
