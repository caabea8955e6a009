import type { Db } from "#db/connect.ts";
import { noteRejections } from "#db/queries/rejections.ts";
import type { Instant } from "#domain/time.ts";
import type { Rejected } from "#server/connectors/contract.ts";
import { clip } from "#domain/text.ts";

const longestElement = 200;
const longestReason = 500;

interface Rejecting {
  connection: string;
  delivery?: number;
  run?: string;
  at: Instant;
  rejected: readonly Rejected[];
}

/** Keeps what could not be used of a delivery or of a page, for the connection's page. */
export async function keepRejections(db: Db, { rejected, ...rest }: Rejecting): Promise<void> {
  if (rejected.length === 0) return;
  const shortened = rejected.map(({ at, reason }) => ({
    element: clip(at, longestElement),
    reason: clip(reason, longestReason),
  }));
  await noteRejections(db, { ...rest, rejected: shortened });
}

/** In one sentence, for a delivery of which nothing could be used. */
export function wordsForRejected(rejected: readonly Rejected[]): string {
  return clip(rejected.map(({ at, reason }) => `${at}: ${reason}`).join("; "), 1000);
}
