import { z } from "zod";
import type { TakenMail } from "./relay.ts";
import type { World } from "./world.ts";

export interface MailRow {
  id: string;
  what: string;
  done_at: string | null;
  attempts: number;
  receipt: string | null;
  /** How many attempts were written down as accepted. */
  accepted: number;
  /** The delivery that caused it, if one did. */
  delivery: number | null;
}

const Receipt = z.object({ messageId: z.string() });

/**
 * Each mail reached the relay. One may be there more than once, under one Message-ID, when the portal
 * could not know: it was killed after the relay took it and before that was written down, so that the
 * next time was in another life of the portal; or the relay broke off before it said so.
 * `owed`: the deliveries that somebody had to be mailed about.
 */
export function checkMails({ relay }: World, rows: MailRow[], owed: number[]) {
  const faults: string[] = [];
  const taken = new Map<string, TakenMail[]>();
  for (const mail of relay.taken) {
    taken.set(mail.messageId, [...(taken.get(mail.messageId) ?? []), mail]);
  }
  let duplicates = 0;
  let mailed = 0;
  for (const row of rows) {
    if (row.receipt === null) continue;
    mailed += 1;
    const { messageId } = Receipt.parse(JSON.parse(row.receipt));
    const times = taken.get(messageId) ?? [];
    taken.delete(messageId);
    duplicates += Math.max(0, times.length - 1);
    if (times.length === 0) faults.push(`mail ${row.id} never reached the relay`);
    if (times.length < 2) continue;
    const isExplained =
      row.accepted === 1 &&
      row.attempts >= times.length &&
      times.every(({ lost, life }, at) => lost || life !== times[at + 1]?.life);
    if (!isExplained) faults.push(`mail ${row.id} was sent ${times.length} times without need`);
  }
  for (const messageId of taken.keys()) faults.push(`nobody knows the mail ${messageId}`);
  const caused = new Set(rows.flatMap(({ delivery }) => (delivery === null ? [] : [delivery])));
  for (const delivery of owed) {
    if (!caused.has(delivery)) faults.push(`delivery ${delivery} was mailed to nobody`);
  }
  return {
    counts: { mails: mailed, "mails sent again with the same Message-ID": duplicates },
    faults,
  };
}
