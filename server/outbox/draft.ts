import type { Db } from "#db/connect.ts";
import type { OutboxRow } from "#db/schema/outbox.ts";
import { z } from "zod";
import { type Draft, supplierChain } from "#domain/event.ts";
import type { Instant } from "#domain/time.ts";
import type { Result } from "./result.ts";

interface Settled {
  row: OutboxRow;
  result: Result;
  now: Instant;
}

const MailReceipt = z.object({ messageId: z.string() });
const WriteBackReceipt = z.object({ reference: z.string().nullable(), readBack: z.boolean() });
const AboutDispute = z.object({
  dispute: z.object({ id: z.string() }).optional(),
  comment: z.object({ disputeId: z.string().optional() }).optional(),
});

/** What the ledger says of a row that is done or parked; null for what nobody needed any more. */
export async function draftOf(trx: Db, settled: Settled): Promise<Draft | null> {
  if (settled.result.outcome === "skipped") return null;
  return settled.row.kind === "mail" ? mailDraft(settled) : writeBackDraft(trx, settled);
}

/** Addresses of people are for finance alone, so mail is told in the supplier's chain. */
function mailDraft({ row, result, now }: Settled): Draft {
  const sent = "receipt" in result;
  const messageId = sent
    ? MailReceipt.parse(result.receipt).messageId
    : "messageId" in result
      ? result.messageId
      : undefined;
  return {
    type: sent ? "mail.sent" : "mail.failed",
    data: {
      outboxId: row.id,
      recipient: row.target,
      template: row.what,
      messageId: messageId ?? "",
      answer: result.answer,
      about: row.sequence,
    },
    occurredAt: now,
    chain: supplierChain,
    invoice: row.invoice_id,
    audience: "supplier",
  };
}

/** The customer sees what became of it at the invoice's owner; other systems are finance's matter. */
async function writeBackDraft(trx: Db, { row, result, now }: Settled): Promise<Draft> {
  const invoice = await trx
    .selectFrom("invoices")
    .select(["owner", "customer_record_id"])
    .where("id", "=", row.invoice_id ?? "")
    .executeTakeFirst();
  const isOwner = invoice?.owner === row.target;
  const told = AboutDispute.parse(JSON.parse(row.payload));
  const disputeId = told.dispute?.id ?? told.comment?.disputeId;
  const receipt = "receipt" in result ? WriteBackReceipt.parse(result.receipt) : null;
  return {
    type: receipt ? "writeback.confirmed" : "writeback.failed",
    data: {
      outboxId: row.id,
      connection: row.target,
      what: row.what,
      about: row.sequence ?? 0,
      ...(disputeId !== undefined && { disputeId }),
      reference: receipt?.reference ?? null,
      readBack: receipt?.readBack ?? false,
      answer: result.answer,
    },
    occurredAt: now,
    chain: isOwner && invoice ? invoice.customer_record_id : supplierChain,
    invoice: row.invoice_id,
    audience: isOwner ? "customer" : "supplier",
  };
}
