import type { LoaderFunctionArgs } from "@remix-run/node";
import { z } from "zod";
import { requireDesk } from "#app/access/console.server.ts";
import { textFile } from "#app/http/file-answer.server.ts";
import { found } from "#app/http/http.server.ts";
import { findCheckpoint } from "#db/queries/checkpoints.ts";

const Size = z.coerce.number().int().positive();

/** A signed checkpoint as a file. */
export async function loader({ request, params, context }: LoaderFunctionArgs) {
  await requireDesk(request, context);
  const size = found(Size.safeParse(params["size"]).data);
  const { note } = found(await findCheckpoint(context.db, size));
  return textFile(`checkpoint-${size}.txt`, note, "text/plain");
}
