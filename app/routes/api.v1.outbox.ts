import { outboxAfter } from "#db/queries/outbox-log.ts";
import type { OutboxRow } from "#db/schema/outbox.ts";
import { address, on } from "#server/api/endpoint.ts";
import { listOutbox } from "#server/api/operations.ts";
import { afterCreated, pageOf } from "#server/api/paging.ts";
import { presentOutboxRow } from "#server/api/present.ts";

export const loader = address(
  on(listOutbox, async ({ context, query: { after, limit, ...filter } }) => {
    const page = { ...filter, after: afterCreated(after), limit: limit + 1 };
    const rows = await outboxAfter(context.db, page);
    const cursor = (row: OutboxRow) => `${row.created_at}~${row.id}`;
    return { body: pageOf(rows, { limit, item: presentOutboxRow, cursor }) };
  }),
);
export const action = loader;
