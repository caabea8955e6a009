import type { Db } from "#db/connect.ts";
import { isPostgres } from "#db/postgres.ts";
import type { OutboxRow } from "#db/schema/outbox.ts";
import { customerTemplates } from "#domain/mail.ts";
import { type Instant, plusMs } from "#domain/time.ts";
import { isNext } from "./outbox.ts";

interface MailLease {
  now: Instant;
  /** The rows come due again then by themselves, should their worker die. */
  until: Instant;
  /** How many mails. */
  limit: number;
  /** How many of them may be mail of events to customers' people; absent: all. */
  eventLimit?: number;
  /** Rows that are left alone, due or not. */
  except: string[];
  /** How long event mail to a person waits after the one before; 0: a mail for each event. */
  pauseMs: number;
}

type Head = Pick<
  OutboxRow,
  "id" | "target" | "sequence" | "what" | "mail_group" | "attempts" | "once_key"
>;

/** How many events one mail may tell. */
const mostJoined = 100;
/** What is held is looked at again so often. */
const holdMs = 5_000;
const paced: readonly string[] = customerTemplates;

/**
 * Leases due mail, oldest first; each part of the answer goes out as one mail. A customer's person who was
 * mailed a moment ago is not mailed yet; after the pause everything that waited is one mail. All other mail
 * goes at once. What was joined stays together over every attempt, so that its Message-ID stays true.
 */
export async function leaseMail(trx: Db, lease: MailLease): Promise<OutboxRow[][]> {
  const { limit, eventLimit = limit } = lease;
  if (lease.pauseMs > 0) await hold(trx, lease);
  const mails: OutboxRow[][] = [];
  const taken = new Set<string>();
  let events = 0;
  for (const head of await headsOf(trx, lease)) {
    const isPaced = lease.pauseMs > 0 && paced.includes(head.what);
    const turn = isPaced ? head.target : head.id;
    if (taken.has(turn) || taken.has(head.mail_group ?? turn)) continue;
    if (mails.length === limit) break;
    if (isEventMail(head.what) && events >= eventLimit) continue;
    const { group, ids } = await joinedTo(trx, head, { ...lease, isPaced });
    for (const key of [turn, group]) if (key !== null) taken.add(key);
    const rows = await leaseRows(trx, ids, { ...lease, group });
    if (rows.length === 0) continue;
    mails.push(rows);
    if (isEventMail(head.what)) events += 1;
  }
  return mails;
}

/** Whether it tells a customer's person of an event; all other mail is waited for. */
export function isEventMail(what: string): boolean {
  return paced.includes(what);
}

/** Moves what came while its person had a mail, or an attempt at one, within the pause. */
async function hold(trx: Db, { now, pauseMs }: MailLease): Promise<void> {
  await trx
    .updateTable("outbox")
    .set({ due_at: plusMs(now, Math.min(holdMs, pauseMs)) })
    .where("kind", "=", "mail")
    .where("done_at", "is", null)
    .where("parked_at", "is", null)
    .where("due_at", "<=", now)
    .where("attempts", "=", 0)
    .where("what", "in", customerTemplates)
    .where((row) =>
      row.exists(
        row
          .selectFrom("outbox as served")
          .select("served.id")
          .whereRef("served.target", "=", "outbox.target")
          .where("served.updated_at", ">", plusMs(now, -pauseMs))
          // Written by a clock that was ahead: nobody knows when it was.
          .where("served.updated_at", "<=", now)
          .where("served.kind", "=", "mail")
          .where("served.attempts", ">", 0)
          .where("served.state", "!=", "skipped")
          .where("served.what", "in", customerTemplates),
      ),
    )
    .execute();
}

/** The rows that a mail may begin with: some more than there is room for, as many may be of one person. */
function headsOf(trx: Db, { now, limit, eventLimit, except }: MailLease): Promise<Head[]> {
  let due = trx
    .selectFrom("outbox")
    .select(["id", "target", "sequence", "what", "mail_group", "attempts", "once_key"])
    .where("kind", "=", "mail")
    .where("done_at", "is", null)
    .where("parked_at", "is", null)
    .where("due_at", "<=", now)
    .where(isNext);
  if (except.length > 0) due = due.where("id", "not in", except);
  if (eventLimit !== undefined && eventLimit <= 0)
    due = due.where("what", "not in", customerTemplates);
  const first = due
    .orderBy("due_at")
    .orderBy("sequence")
    .limit(limit * mostJoined);
  return (isPostgres(trx) ? first.forUpdate().skipLocked() : first).execute();
}

/** The rows that go out with a head, and the name of their group; null for a mail about one event. */
async function joinedTo(
  trx: Db,
  head: Head,
  { except, isPaced }: MailLease & { isPaced: boolean },
): Promise<{ group: string | null; ids: string[] }> {
  const waiting = trx
    .selectFrom("outbox")
    .where("kind", "=", "mail")
    .where("target", "=", head.target)
    .where("done_at", "is", null)
    .where("parked_at", "is", null);
  if (head.mail_group !== null) {
    const joined = waiting.where("mail_group", "=", head.mail_group);
    const rows = await joined.select("id").limit(mostJoined).execute();
    return { group: head.mail_group, ids: rows.map(({ id }) => id) };
  }
  // The relay may have taken what was tried: it is tried again as it was.
  if (!isPaced || head.attempts > 0) return { group: null, ids: [head.id] };
  const rows = await waiting
    .select(["id", "order_key", "attempts", "mail_group"])
    .where("what", "in", customerTemplates)
    .orderBy("sequence")
    .orderBy("id")
    .limit(mostJoined)
    .execute();
  const isFresh = (row: (typeof rows)[number]) =>
    row.attempts === 0 && row.mail_group === null && !except.includes(row.id);
  const blocked = new Set(rows.filter((row) => !isFresh(row)).map((row) => row.order_key));
  const ids = rows.filter((row) => isFresh(row) && !blocked.has(row.order_key)).map(({ id }) => id);
  if (!ids.includes(head.id) || ids.length === 1) return { group: null, ids: [head.id] };
  return { group: head.once_key, ids };
}

/** Gives the rows in the order of their events. */
async function leaseRows(
  trx: Db,
  ids: string[],
  { now, until, group }: MailLease & { group: string | null },
): Promise<OutboxRow[]> {
  const rows = await trx
    .updateTable("outbox")
    .set((row) => ({
      due_at: until,
      attempts: row("attempts", "+", 1),
      updated_at: now,
      mail_group: group,
    }))
    .where("id", "in", ids)
    .where("done_at", "is", null)
    .where("parked_at", "is", null)
    .returningAll()
    .execute();
  return rows.sort((a, b) => (a.sequence ?? 0) - (b.sequence ?? 0) || (a.id < b.id ? -1 : 1));
}
