import { isDatabaseFault } from "#db/fault.ts";
import type { Context } from "#server/context.ts";
import type { Draft } from "#domain/event.ts";
import { ConnectorKind } from "#domain/change.ts";
import { dayIn, plusDays, toInstant } from "#domain/time.ts";
import type { SystemEntry } from "./entry.ts";
import { record } from "./record.ts";

/** Invoices or promises handled in one run of the job; the next run takes the rest. */
const perRun = 500;

export interface DueRule {
  /** The supplier's business zone. */
  timeZone: string;
  graceDays: number;
}

/**
 * The portal's own rule: overdue from 00:00 of due date + 1 + grace days in the supplier's zone, once
 * per due date. Goes through the same door as what the owner says. Gives the number of invoices.
 */
export async function recordOverdue(context: Context, rule: DueRule): Promise<number> {
  const today = dayIn(rule.timeZone, toInstant(context.clock()));
  const late = await context.db
    .selectFrom("invoices")
    .innerJoin("connections", "connections.id", "invoices.owner")
    .where("status", "in", ["open", "partially_paid"])
    .where("due_on", "<", plusDays(today, -rule.graceDays))
    .select(["invoices.id", "owner", "connections.kind", "due_on", "number", "external_id"])
    .orderBy("due_on")
    .limit(perRun)
    .execute();
  for (const invoice of late) {
    await unlessFaulty(context, invoice.id, async () => {
      const at = plusDays(invoice.due_on ?? today, 1 + rule.graceDays);
      await record(context, overdueEntry(context, invoice, { at }));
    });
  }
  return late.length;
}

/** One invoice that cannot be recorded keeps no other one from it; the log says which and why. */
async function unlessFaulty({ log }: Context, invoice: string, work: () => Promise<void>) {
  try {
    await work();
  } catch (error) {
    if (isDatabaseFault(error)) throw error;
    log.error({ err: error, invoice }, "whether an invoice is overdue could not be recorded");
  }
}

interface Late {
  owner: string;
  kind: string;
  number: string;
  external_id: string | null;
  due_on: string | null;
}

/** What the portal's own rule says of an invoice, as if its owner had said it. */
function overdueEntry(
  context: Context,
  invoice: Late,
  told: { at: string } | "taken_back",
): SystemEntry {
  const now = toInstant(context.clock());
  const { owner, kind, number, external_id: externalId, due_on: dueOn } = invoice;
  return {
    kind: "system",
    source: { kind: "scheduler", job: "overdue" },
    connection: { id: owner, kind: ConnectorKind.parse(kind) },
    receivedAt: now,
    asked: true,
    changes: [
      {
        kind: "overdue",
        invoice: { number, ...(externalId !== null && { externalId }) },
        ...(dueOn !== null && { dueOn }),
        ...(told === "taken_back" ? { takenBack: true, occurredAt: now } : { occurredAt: told.at }),
        toldAt: now,
      },
    ],
  };
}

/**
 * Takes back what the portal's own rule found while there were fewer days of grace. Gives the number of
 * invoices; what a system called overdue stays.
 */
export async function takeBackEarlyOverdue(context: Context, rule: DueRule): Promise<number> {
  const today = dayIn(rule.timeZone, toInstant(context.clock()));
  const early = await context.db
    .selectFrom("invoices")
    .innerJoin("connections", "connections.id", "invoices.owner")
    .where("status", "=", "overdue")
    .where("due_on", ">=", plusDays(today, -rule.graceDays))
    .where("due_on", "<", today)
    .select(["invoices.id", "owner", "connections.kind", "due_on", "number", "external_id"])
    .orderBy("due_on")
    .limit(perRun)
    .execute();
  let taken = 0;
  for (const invoice of early) {
    await unlessFaulty(context, invoice.id, async () => {
      const { events } = await record(context, overdueEntry(context, invoice, "taken_back"));
      taken += events.length > 0 ? 1 : 0;
    });
  }
  return taken;
}

/** Promises whose day has passed while something is still due. Gives their number. */
export async function recordBrokenPromises(context: Context, rule: DueRule): Promise<number> {
  const today = dayIn(rule.timeZone, toInstant(context.clock()));
  const broken = await context.db
    .selectFrom("promises")
    .innerJoin("invoices", "invoices.id", "promises.invoice_id")
    .innerJoin("customer_records as made", "made.id", "promises.customer_record_id")
    .where("promises.state", "=", "made")
    .where("promised_on", "<", today)
    // One whose invoice was moved to another customer since is nobody's to keep any more.
    .where((row) =>
      row.or([
        row("made.id", "=", row.ref("invoices.customer_record_id")),
        row("made.customer_id", "=", row.ref("invoices.customer_id")),
      ]),
    )
    .select(["promises.id", "promised_on", "invoice_id", "promises.customer_record_id"])
    .orderBy("promised_on")
    .limit(perRun)
    .execute();
  const drafts = broken.map((promise): Draft => ({
    type: "promise.broken",
    data: { promiseId: promise.id, promisedOn: promise.promised_on },
    chain: promise.customer_record_id,
    invoice: promise.invoice_id,
    audience: "customer",
    occurredAt: plusDays(promise.promised_on, 1),
  }));
  for (const draft of drafts) {
    const source = { kind: "scheduler", job: "promises" } as const;
    await record(context, { kind: "portal", source, drafts: [draft] });
  }
  return drafts.length;
}
