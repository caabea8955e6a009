import type { Portal } from "./portal-context.ts";

/** Gives a job that reloads the connections when a command in another process changed them. */
export function connectionWatch(portal: Portal): () => Promise<void> {
  let known: string | undefined;
  return async () => {
    const rows = await portal.db
      .selectFrom("connections")
      .select(["id", "system", "name", "settings", "secrets", "paused_at", "receives_disputes_at"])
      .select(["app", "account", "grant_id"])
      .orderBy("id")
      .execute();
    const now = JSON.stringify(
      rows.map(({ secrets, ...row }) => [row, Buffer.from(secrets).toString("base64")]),
    );
    if (known !== undefined && known !== now) await portal.connections.reload();
    known = now;
  };
}
