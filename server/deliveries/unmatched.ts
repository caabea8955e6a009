import { z } from "zod";
import { findUnmatched, giveUpUnmatched, invoicesCalled } from "#db/queries/unmatched.ts";
import { Change, type ConnectorKind } from "#domain/change.ts";
import type { Source } from "#domain/event.ts";
import { toInstant } from "#domain/time.ts";
import { RequestError } from "#server/errors.ts";
import { auditIn } from "#server/ledger/audit.ts";
import { recordIn } from "#server/ledger/record.ts";
import { markMatched } from "#server/ledger/unmatched.ts";
import type { Portal } from "#server/portal-context.ts";
import { audited } from "#server/audit/audited.ts";

const id = z.coerce.number().int().positive();

export const UnmatchedForm = z.discriminatedUnion("do", [
  z.object({
    do: z.literal("link"),
    id,
    invoice: z.string().trim().min(1, "Write the number of its invoice").max(200),
  }),
  z.object({ do: z.literal("give_up"), id }),
]);

/**
 * Records a change that waits with the invoice that a person names, by number or by the portal's id, or
 * gives it up. Throws 404 when it waits no more, 422 when no invoice or several are called so, and what
 * the ledger refuses.
 */
export function doToUnmatched(
  portal: Portal,
  source: Source,
  form: z.infer<typeof UnmatchedForm>,
): Promise<void> {
  return form.do === "link" ? link(portal, source, form) : giveUp(portal, source, form.id);
}

async function link(
  portal: Portal,
  source: Source,
  { id: row, invoice: called }: { id: number; invoice: string },
): Promise<void> {
  const events = await portal.writer.transaction().execute(async (trx) => {
    const waiting = found(await findUnmatched(trx, row));
    const change = Change.parse(JSON.parse(waiting.change));
    const invoice = onlyOne(await invoicesCalled(trx, called));
    const connection = { id: waiting.connection_id, kind: kindOf(portal, waiting.connection_id) };
    const delivery = waiting.delivery_id ?? undefined;
    const { events: recorded } = await recordIn(trx, portal, {
      kind: "system",
      ...{ connection, changes: [change], invoice, asked: true },
      receivedAt: waiting.received_at,
      ...(delivery !== undefined && { delivery }),
      source: {
        ...{ kind: "connection", connection: connection.id },
        ...(delivery !== undefined && { delivery }),
      },
    });
    await markMatched(trx, [row], toInstant(portal.clock()));
    const details = { connection: connection.id, name: waiting.name, invoice };
    const note = { source, action: "unmatched_linked", subject: String(row), details };
    return [...recorded, ...(await auditIn(trx, portal, note))];
  });
  portal.committed.publish(events);
  portal.wakeOutbox();
}

async function giveUp(portal: Portal, source: Source, row: number): Promise<void> {
  await audited(portal, async (trx) => {
    const { connection_id: connection, name } = found(await findUnmatched(trx, row));
    await giveUpUnmatched(trx, row);
    const details = { connection, name };
    const note = { source, action: "unmatched_given_up", subject: String(row), details };
    return { result: null, note };
  });
}

function found<Row>(row: Row | undefined): Row {
  if (row === undefined) throw new RequestError(404, "This change waits no more");
  return row;
}

function onlyOne(ids: string[]): string {
  const [only, other] = ids;
  if (only !== undefined && other === undefined) return only;
  const invoice =
    only === undefined
      ? "There is no invoice of this number"
      : "Several invoices have this number: write the id from the address of the one that is meant";
  throw new RequestError(422, invoice, { fields: { invoice } });
}

function kindOf({ connections }: Portal, connection: string): ConnectorKind {
  const known = connections.get(connection);
  if (!known) throw new RequestError(409, "Its connection is gone");
  return known.kind;
}
