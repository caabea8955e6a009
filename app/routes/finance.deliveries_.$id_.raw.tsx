import type { LoaderFunctionArgs } from "@remix-run/node";
import { z } from "zod";
import { requireDesk } from "#app/access/console.server.ts";
import { found } from "#app/http/http.server.ts";
import { findDelivery } from "#db/queries/delivery-log.ts";

const Id = z.coerce.number().int().positive();

/** The bytes as they came, as a file: never shown as a page, whatever they are. */
export async function loader({ request, params, context }: LoaderFunctionArgs) {
  await requireDesk(request, context);
  const id = found(Id.safeParse(params.id).data);
  const { body } = found(await findDelivery(context.db, id));
  return new Response(Buffer.from(body), {
    headers: {
      "content-type": "application/octet-stream",
      "content-disposition": `attachment; filename="delivery-${id}.bin"`,
      "cache-control": "no-store",
    },
  });
}
