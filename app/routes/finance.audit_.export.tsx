import type { ActionFunctionArgs } from "@remix-run/node";
import { z } from "zod";
import { requireDesk } from "#app/access/console.server.ts";
import { found, submit } from "#app/http/http.server.ts";
import { startOfDay } from "#domain/time.ts";
import { auditFilter, AuditQuery } from "#server/audit/audit-filter.ts";
import { exportLedger } from "#server/audit/export-ledger.ts";

const ExportForm = z.object({ format: z.enum(["csv", "jsonl"]) });
const types = { csv: "text/csv; charset=utf-8", jsonl: "application/jsonl; charset=utf-8" };

/** There is nothing to read here: an export is recorded, so a form asks for it. */
export function loader() {
  return found(null);
}

/** The part of the ledger that the address names as a file. Sent by a form: each export is recorded. */
export async function action({ request, context }: ActionFunctionArgs) {
  const { scope, supplier, today } = await requireDesk(request, context);
  const query = AuditQuery.parse(Object.fromEntries(new URL(request.url).searchParams));
  return submit(request, ExportForm, async ({ format }) => {
    const zone = supplier.timeZone;
    const filter = await auditFilter(context.db, query, (day) => startOfDay(day, zone));
    const source = { kind: "user", user: scope.userId } as const;
    return new Response(await exportLedger(context, source, { format, filter }), {
      headers: {
        "content-type": types[format],
        "content-disposition": `attachment; filename="ledger-${today}.${format}"`,
        "cache-control": "no-store",
      },
    });
  });
}
