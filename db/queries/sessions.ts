import type { Db } from "#db/connect.ts";

/** A person's sessions that are valid at `now`, the one used last first. */
export function sessionsOf(db: Db, userId: string, { now, idleSince }: Validity) {
  return db
    .selectFrom("session")
    .where("userId", "=", userId)
    .where("expiresAt", ">", now)
    .where("updatedAt", ">", idleSince)
    .select(["id", "token", "createdAt", "updatedAt", "userAgent"])
    .orderBy("updatedAt", "desc")
    .limit(100)
    .execute();
}

/** When a session still counts: not over at `now`, and used after `idleSince`. */
export interface Validity {
  now: string;
  idleSince: string;
}

/** Notes that a session was used; `updatedAt` is when it was used last. */
export async function touchSession(db: Db, token: string, now: string): Promise<void> {
  await db.updateTable("session").set({ updatedAt: now }).where("token", "=", token).execute();
}

/** Keeps what the browser of a new session calls itself. */
export async function describeSession(
  db: Db,
  token: string,
  userAgent: string | null,
): Promise<void> {
  if (userAgent === null) return;
  await db
    .updateTable("session")
    .set({ userAgent: userAgent.slice(0, 300) })
    .where("token", "=", token)
    .execute();
}
