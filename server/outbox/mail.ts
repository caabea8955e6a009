import { suppressionOf } from "#db/queries/mail-suppressions.ts";
import { sentMails } from "#db/queries/mails.ts";
import type { OutboxRow } from "#db/schema.ts";
import type { Context } from "#server/context.ts";
import { UpstreamError } from "#server/errors.ts";
import {
  CheckpointPayload,
  checkpointTemplate,
  composeCheckpointMail,
} from "#server/mail/checkpoint.ts";
import { composeEventMail, type Composed } from "#server/mail/compose.ts";
import { buildMessage, templateVersion } from "#server/mail/message.ts";
import { AccountPayload, composeAccountMail, type LinkMaker } from "#server/mail/sign-in.ts";
import { MailPayload } from "#server/ledger/outbox-row.ts";
import { type Result, short } from "./result.ts";
import { AddressRefused } from "./smtp-reply.ts";
import type { MailTransport } from "./transport.ts";

/** What sending needs of the portal: sign-in links are made when their mail goes out. */
export interface MailContext extends Context {
  auth: LinkMaker;
}

/**
 * One attempt to send a mail. Throws UpstreamError when the relay failed us, and what is our bug.
 */
export async function sendMail(
  context: MailContext,
  transport: MailTransport,
  row: OutboxRow,
): Promise<Result> {
  // Who asks for a link gets it tried, whatever happened before.
  const refusal = row.sequence !== null && (await suppressionOf(context.db, row.target));
  if (refusal) {
    const answer = `Not tried: the address refused mail before, ${refusal.answer}`;
    return { outcome: "suppressed", answer: short(answer) };
  }
  const { composed, name, locale } = await compose(context, row);
  if ("skip" in composed) return { outcome: "skipped", answer: composed.skip };
  const invoiceId = row.invoice_id;
  const message = await buildMessage(context.config, composed.letter, {
    outboxId: row.id,
    onceKey: row.once_key,
    to: { name, address: row.target },
    thread: invoiceId === null ? null : await threadOf(context, row, invoiceId),
    date: context.clock(),
  });
  const { messageId, envelope, rendered } = message;
  try {
    const answer = short(await transport.deliver(message));
    const receipt = {
      messageId,
      answer,
      envelope,
      locale,
      rendered,
      template: row.what,
      templateVersion,
    };
    return { outcome: "accepted", answer, receipt };
  } catch (error) {
    if (!(error instanceof UpstreamError)) throw error;
    const outcome = error.outcome === "unknown" ? "unknown" : "failed";
    const addressRefused = error instanceof AddressRefused;
    const { retryAt, message: words } = error;
    return { outcome, answer: short(words), retryAt, messageId, addressRefused };
  }
}

async function compose(
  context: MailContext,
  row: OutboxRow,
): Promise<{ composed: Composed; name: string; locale: string }> {
  const payload: unknown = JSON.parse(row.payload);
  if (row.what === checkpointTemplate) {
    const mail = CheckpointPayload.parse(payload);
    return { composed: await composeCheckpointMail(context, mail), ...mail };
  }
  if (row.sequence === null) {
    const mail = AccountPayload.parse(payload);
    const asked = { onceKey: row.once_key, to: row.target, links: context.auth };
    return { composed: await composeAccountMail(context, mail, asked), ...mail };
  }
  const mail = MailPayload.parse(payload);
  return { composed: await composeEventMail(context, mail), ...mail };
}

/** Finance's subjects differ from mail to mail, so that none answers an earlier one. */
async function threadOf({ db }: Context, { what, target: to }: OutboxRow, invoiceId: string) {
  const isReply = !what.startsWith("finance_");
  return { invoiceId, earlier: isReply ? await sentMails(db, { to, invoiceId }) : 0 };
}
