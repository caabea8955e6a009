import type { LoaderFunctionArgs } from "@remix-run/node";
import { z } from "zod";
import { outboxAfter } from "#db/queries/outbox-log.ts";
import type { OutboxRow } from "#db/schema.ts";
import {
  afterCreated,
  endpoint,
  notAllowed,
  pageOf,
  Paging,
  queryOf,
} from "#server/api/endpoint.ts";
import { requireSupplier } from "#server/api/key-check.ts";
import { presentOutboxRow } from "#server/api/present.ts";
import { ApiOutbox } from "#server/api/schemas.ts";

const Query = Paging.extend({
  kind: z.enum(["mail", "writeback"]).optional(),
  state: z.string().optional(),
});

export function loader(asked: LoaderFunctionArgs) {
  return endpoint(asked, async ({ request, context, caller }) => {
    requireSupplier(caller);
    const { after, limit, kind, state } = queryOf(request, Query);
    const page = { kind, state, after: afterCreated(after), limit: limit + 1 };
    const rows = await outboxAfter(context.db, page);
    const cursor = (row: OutboxRow) => `${row.created_at}~${row.id}`;
    return { schema: ApiOutbox, body: pageOf(rows, { limit, item: presentOutboxRow, cursor }) };
  });
}

export const action = notAllowed("GET");
