/** What a command answers: data for programs (`--json`), words for people. */
export interface Said {
  data: unknown;
  text: string;
  /** False ends the command with exit code 1 though it ran: a check found something. */
  ok?: boolean;
}

type Cell = string | number | null | undefined;

/** Rows in columns, each as wide as its widest cell; says so when there are none. */
export function table(rows: Record<string, Cell>[], none: string): string {
  const [first] = rows;
  if (!first) return none;
  const names = Object.keys(first);
  const lines = [names, ...rows.map((row) => names.map((name) => String(row[name] ?? "")))];
  const widths = names.map((_, place) =>
    Math.max(...lines.map((line) => line[place]?.length ?? 0)),
  );
  return lines
    .map((line) =>
      line
        .map((cell, place) => cell.padEnd(widths[place] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** The first part of a text that may be long, on one line. */
export function short(text: string | null, length = 60): string {
  const line = (text ?? "").replace(/\s+/g, " ");
  return line.length > length ? `${line.slice(0, length - 1)}…` : line;
}
