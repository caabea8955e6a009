import { eventHashes } from "#db/queries/event-scan.ts";
import type { Db } from "#db/connect.ts";
import { RequestError } from "#server/errors.ts";

const pageSize = 10_000;

/** The hashes of the first events for a file that is kept beside a checkpoint: a line each. */
export async function* hashLines(db: Db, size: number): AsyncGenerator<string> {
  for (let after = 0; after < size; after += pageSize) {
    const page = await eventHashes(db, { after, through: Math.min(size, after + pageSize) });
    yield `${page.join("\n")}\n`;
  }
}

/** Reads what `hashLines` wrote: 64 hexadecimal digits an event. Throws RequestError 422 for anything else. */
export function readHashes(text: string): string {
  if (/^([0-9a-f]{64}\r?\n)+$/.test(text)) return text.replaceAll(/\s/g, "");
  throw new RequestError(422, "A file of hashes has one in each line, in 64 hexadecimal digits");
}
