import type { LoaderFunctionArgs } from "@remix-run/node";
import { requireDesk } from "#app/access/console.server.ts";
import { customersNamed } from "#db/queries/picks.ts";

const shown = 20;

/** Customers whose name holds what was typed, for a field to choose from. */
export async function loader({ request, context }: LoaderFunctionArgs) {
  await requireDesk(request, context);
  const typed = new URL(request.url).searchParams.get("q") ?? "";
  const rows = await customersNamed(context.db, {
    typed: typed.trim().slice(0, 200),
    limit: shown,
  });
  return { picks: rows.map(({ id, name }) => ({ id, name, about: "" })) };
}
