import type { Db } from "#db/connect.ts";
import { countSuppressions } from "./mail-suppressions.ts";

/** Fewer failed mails, and fewer attempts of one, are an ordinary hiccup of a relay. */
const trouble = 3;

/** What finance has to know of mail that does not leave; a mail about it would not leave either. */
export async function mailTrouble(db: Db) {
  const failing = db
    .selectFrom("outbox")
    .where("kind", "=", "mail")
    .where("done_at", "is", null)
    .where("parked_at", "is", null)
    .where("last_answer", "is not", null)
    .where("state", "in", ["queued", "sent"]);
  const waits = await failing
    .select((of) => [of.fn.countAll<number>().as("mails"), of.fn.max("attempts").as("attempts")])
    .executeTakeFirstOrThrow();
  const isTrouble = Number(waits.mails) >= trouble || Number(waits.attempts ?? 0) >= trouble;
  const last = isTrouble
    ? await failing
        .select(["last_answer", "updated_at"])
        .orderBy("updated_at", "desc")
        .limit(1)
        .executeTakeFirst()
    : undefined;
  return {
    /** Mails that were tried in vain; 0 while that is no more than a hiccup. */
    waiting: isTrouble ? Number(waits.mails) : 0,
    answer: last?.last_answer ?? null,
    /** Addresses that refuse mail. */
    refusing: await countSuppressions(db),
  };
}
