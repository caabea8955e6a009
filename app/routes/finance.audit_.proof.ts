import type { LoaderFunctionArgs } from "@remix-run/node";
import { z } from "zod";
import { requireDesk } from "#app/access/console.server.ts";
import { jsonFile } from "#app/http/file-answer.server.ts";
import { found } from "#app/http/http.server.ts";
import { eventRows } from "#server/ledger/read.ts";
import { chainProofOf, proofOf } from "#server/proofs/proof-file.ts";

const Query = z.union([
  z.object({ event: z.coerce.number().int().positive() }),
  z.object({ record: z.string().min(1) }),
]);

/** A file that proves offline one event, or a customer record's whole chain. */
export async function loader({ request, context }: LoaderFunctionArgs) {
  await requireDesk(request, context);
  const given = Object.fromEntries(new URL(request.url).searchParams);
  const query = found(Query.safeParse(given).data);
  const { db } = context;
  if ("record" in query) {
    return jsonFile(`chain-${query.record}.json`, () => chainProofOf(db, query.record, {}));
  }
  const [row] = await eventRows(db, { after: query.event - 1, limit: 1 });
  const rows = [found(row?.sequence === query.event ? row : null)];
  return jsonFile(`proof-${query.event}.json`, () => proofOf(db, rows, {}));
}
