import type { Fact } from "./content.ts";
import { signs } from "./content.ts";
import type { Letter } from "./letter.ts";

const width = 72;

/** The same mail as text: lines of at most 72 characters, labels in a column, sums aligned. */
export function writeText(letter: Letter): string {
  const { reader, content } = letter;
  const parts = [
    content.title.toLocaleUpperCase(reader.language),
    headline(letter),
    wrap(content.sentence, ""),
    quote(letter),
    facts([...content.facts, ...(content.balance ?? [])]),
    `${content.button.label}:\n${content.button.url}`,
    `-- \n${footer(letter)}`,
  ];
  return `${parts.filter(Boolean).join("\n\n")}\n`;
}

function headline({ reader, content: { figure, mark } }: Letter): string {
  const lines = [figure && reader.money(figure), mark && `${signs[mark.tone]} ${mark.text}`];
  return lines.filter(Boolean).join("\n");
}

function quote({ reader, content }: Letter): string {
  if (!content.quote) return "";
  const { author, text } = content.quote;
  const lines = text.split(/\r?\n/).map((line) => wrap(line, "> "));
  return `${reader.words("wrote", { author })}\n${lines.join("\n")}`;
}

function facts(all: Fact[]): string {
  const labels = Math.max(0, ...all.map(({ label }) => label.length));
  const sums = Math.max(0, ...all.filter(({ sum }) => sum).map(({ value }) => value.length));
  const lines = all.map(({ label, value, detail, asOf, sum }) => {
    const text = sum ? value.padStart(sums) : value;
    return [label.padEnd(labels), text, detail ?? asOf].filter(Boolean).join("   ");
  });
  return lines.join("\n");
}

function footer({ reader, supplier, event, why, stopUrl, publicUrl }: Letter): string {
  const lines = [
    event && `${event.label}\n${event.fingerprint}`,
    event && `${reader.words("footer.check")}: ${publicUrl}${event.path}`,
    wrap(why, ""),
    stopUrl && `${reader.words("footer.stop")}: ${stopUrl}`,
    stopUrl && `${reader.words("footer.choose")}: ${publicUrl}/settings`,
    reader.words("footer.bank"),
    [supplier.name, supplier.address, supplier.registration].filter(Boolean).join(", "),
  ];
  return lines.filter(Boolean).join("\n");
}

/** Breaks at spaces; a word that is longer than a line stays whole. */
function wrap(text: string, prefix: string): string {
  const lines: string[] = [];
  let line = prefix;
  for (const word of text.split(/ +/)) {
    const fits = line === prefix || line.length + word.length < width;
    if (!fits) lines.push(line.trimEnd());
    line = fits ? `${line}${line === prefix ? "" : " "}${word}` : `${prefix}${word}`;
  }
  return [...lines, line].join("\n");
}
