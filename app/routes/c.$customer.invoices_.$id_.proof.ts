import type { LoaderFunctionArgs } from "@remix-run/node";
import { z } from "zod";
import { requireCustomer } from "#app/access/auth.server.ts";
import { jsonFile } from "#app/http/file-answer.server.ts";
import { found } from "#app/http/http.server.ts";
import { findInvoice } from "#db/queries/invoice-page.ts";
import { ownEventRows } from "#db/queries/verify-record.ts";
import { reachForProof } from "#server/proofs/proof-checkpoint.ts";
import { proofOf } from "#server/proofs/proof-file.ts";

const Size = z.coerce.number().int().positive().optional().catch(undefined);

/** A file that proves an invoice's timeline offline; `since` is a checkpoint that the reader kept. */
export async function loader({ request, params, context }: LoaderFunctionArgs) {
  const scope = await requireCustomer({ request, params, context });
  const { row } = found(await findInvoice(context.db, scope, found(params["id"])));
  const since = Size.parse(new URL(request.url).searchParams.get("since") ?? undefined);
  return jsonFile(`proof-${row.number}.json`, async () => {
    const rows = await ownEventRows(context.db, scope, row.id);
    const newest = rows.at(-1)?.sequence;
    if (newest !== undefined) await reachForProof(context, newest);
    return proofOf(context.db, rows, { since });
  });
}
