import type { LoaderFunctionArgs } from "@remix-run/node";
import { idThere } from "#app/frame/id-there.ts";
import { requireDesk } from "#app/access/console.server.ts";
import { recordsNamed } from "#db/queries/picks.ts";

const shown = 20;

/** Customer records without a customer whose name or id holds what was typed, to choose from. */
export async function loader({ request, context }: LoaderFunctionArgs) {
  await requireDesk(request, context);
  const typed = new URL(request.url).searchParams.get("q") ?? "";
  const rows = await recordsNamed(context.db, { typed: typed.trim().slice(0, 200), limit: shown });
  return {
    picks: rows.map(({ id, name, connection_id: connection, external_key: key, email }) => ({
      id,
      name,
      about: [connection, idThere(key), email].filter(Boolean).join(", "),
    })),
  };
}
