import type { LoaderFunctionArgs } from "@remix-run/node";
import { z } from "zod";
import { requireDesk, startOfDay } from "#app/console.server.ts";
import { auditFilter, AuditQuery } from "#server/finance/audit-filter.ts";
import { exportLedger } from "#server/finance/export-ledger.ts";

const Query = AuditQuery.extend({ format: z.enum(["csv", "jsonl"]).catch("jsonl") });
const types = { csv: "text/csv; charset=utf-8", jsonl: "application/jsonl; charset=utf-8" };

export async function loader({ request, context }: LoaderFunctionArgs) {
  const { scope, supplier, today } = await requireDesk(request, context);
  const query = Query.parse(Object.fromEntries(new URL(request.url).searchParams));
  const { format } = query;
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
}
