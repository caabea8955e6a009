import type { Insertable, Selectable } from "kysely";
import type { Db } from "#db/connect.ts";
import type { ConnectRequestTable } from "#db/schema/connections.ts";
import type { Instant } from "#domain/time.ts";

/** Notes who is on the way to a vendor; what expired is forgotten. */
export async function insertConnectRequest(
  db: Db,
  row: Insertable<ConnectRequestTable>,
  now: Instant,
): Promise<void> {
  await db.deleteFrom("connect_requests").where("expires_at", "<=", now).execute();
  await db.insertInto("connect_requests").values(row).execute();
}

/** Takes a request out, so that its state works once; undefined when there is none. */
export function takeConnectRequest(
  db: Db,
  state: string,
): Promise<Selectable<ConnectRequestTable> | undefined> {
  return db
    .deleteFrom("connect_requests")
    .where("state", "=", state)
    .returningAll()
    .executeTakeFirst();
}
