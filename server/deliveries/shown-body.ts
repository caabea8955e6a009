import { beginning } from "#domain/text.ts";

const longest = 20_000;

/** A body as text for a page: JSON indented, other text as it is, bytes as a sentence; cut when long. */
export function shownBody(body: Uint8Array): { text: string; cut: boolean } {
  const text = readable(body);
  return { text: beginning(text, longest), cut: text.length > longest };
}

function readable(body: Uint8Array): string {
  const text = Buffer.from(body).toString("utf8");
  if (text.includes("\ufffd") || text.includes("\0")) return `(${body.byteLength} bytes, no text)`;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}
