import { suppressionOf } from "#db/queries/mail-suppressions.ts";
import { sentMails } from "#db/queries/mails.ts";
import { isFromOutside } from "#db/fault.ts";
import type { OutboxRow } from "#db/schema/outbox.ts";
import type { Context } from "#server/context.ts";
import { RequestError, UpstreamError } from "#server/errors.ts";
import {
  CheckpointPayload,
  checkpointTemplate,
  composeCheckpointMail,
} from "#server/mail/checkpoint.ts";
import { composeEventMail, type Composed } from "#server/mail/compose.ts";
import { isShortened, joinLetters, type Part } from "#server/mail/join-letters.ts";
import { buildMessage, type Message, templateVersion } from "#server/mail/message.ts";
import { AccountPayload, composeAccountMail, type LinkMaker } from "#server/mail/sign-in.ts";
import { MailPayload } from "#server/ledger/outbox-row.ts";
import { type Result, type RowResult, short } from "./result.ts";
import { AddressRefused } from "./smtp-reply.ts";
import type { MailTransport } from "./transport.ts";

/** What sending needs of the portal: sign-in links are made when their mail goes out. */
export interface MailContext extends Context {
  auth: LinkMaker;
}

/** A row whose mail somebody still needs, and what it says. */
interface Written extends Part {
  row: OutboxRow;
  name: string;
  locale: string;
}

/**
 * One attempt to send a mail: that of one row, or of several to one person, in the order of their events.
 * What nobody needs any more is left out of it, and so is what the portal cannot write: that waits for a
 * person, and the others go out. Throws what is our bug while a mail is handed over.
 */
export async function sendMail(
  context: MailContext,
  transport: MailTransport,
  rows: OutboxRow[],
): Promise<RowResult[]> {
  const results: RowResult[] = [];
  const written: Written[] = [];
  for (const row of rows) {
    const made = await unlessFaulty(context, [row], () => write(context, row));
    if ("outcome" in made) results.push({ row, result: made });
    else written.push(made);
  }
  const [first, ...others] = written;
  if (!first) return results;
  const rest = written.map(({ row }) => row);
  const message = await unlessFaulty(context, rest, () => messageOf(context, [first, ...others]));
  if ("outcome" in message) return [...results, ...rest.map((row) => ({ row, result: message }))];
  const sent = await deliver(transport, message);
  for (const { row, locale, letter } of written) {
    const shortened = others.length > 0 && isShortened(letter);
    const mail = { row, locale, message, carrier: first.row, shortened };
    results.push({ row, result: resultFor(sent, mail) });
  }
  return results;
}

/** Our own fault is found before anything is sent and would be the same at the next try: it is logged. */
async function unlessFaulty<T>(
  { log }: MailContext,
  rows: OutboxRow[],
  work: () => Promise<T>,
): Promise<T | Result> {
  try {
    return await work();
  } catch (error) {
    const isOurs = !(error instanceof UpstreamError || error instanceof RequestError);
    if (!isOurs || isFromOutside(error)) throw error;
    log.error({ err: error, outbox: rows.map(({ id }) => id) }, "a mail could not be written");
    return {
      outcome: "unwritten",
      answer: "The portal could not write this mail; its log says why",
    };
  }
}

async function write(context: MailContext, row: OutboxRow): Promise<Written | Result> {
  // Who asks for a link gets it tried, whatever happened before.
  const refusal = row.sequence !== null && (await suppressionOf(context.db, row.target));
  if (refusal) {
    const answer = `Not tried: the address refused mail before, ${refusal.answer}`;
    return { outcome: "suppressed", answer: short(answer) };
  }
  const { composed, name, locale } = await compose(context, row);
  if ("skip" in composed) return { outcome: "skipped", answer: composed.skip };
  return { row, name, locale, letter: composed.letter, invoiceId: row.invoice_id, what: row.what };
}

/** About one invoice it is in that invoice's thread; its Message-ID is that of the row it was leased for. */
async function messageOf(context: MailContext, written: [Written, ...Written[]]): Promise<Message> {
  const [{ row, name }] = written;
  const invoiceId = row.invoice_id;
  const isOne = written.every((each) => each.invoiceId === invoiceId);
  return buildMessage(context.config, joinLetters(written), {
    outboxId: row.id,
    onceKey: row.mail_group ?? row.once_key,
    to: { name, address: row.target },
    thread: invoiceId !== null && isOne ? await threadOf(context, row, invoiceId) : null,
    date: context.clock(),
  });
}

/** The receipt of a row that went out in the mail of another names that one, and says what it shortened. */
function resultFor(
  sent: Sent,
  mail: {
    row: OutboxRow;
    locale: string;
    message: Message;
    carrier: OutboxRow;
    shortened: boolean;
  },
): Result {
  if (sent.outcome !== "accepted") return sent;
  const { row, locale, message, carrier, shortened } = mail;
  const isJoined = row.id !== carrier.id;
  const how = [isJoined && `in the mail of ${carrier.id}`, shortened && "its words shortened"];
  const said = how.filter((words) => words !== false).join(", ");
  const answer = said === "" ? sent.answer : short(`${capital(said)}: ${sent.answer}`);
  const { messageId, envelope, rendered } = message;
  const receipt = {
    ...{ messageId, answer, envelope, locale, rendered, template: row.what, templateVersion },
    ...(isJoined && { joinedTo: carrier.id }),
  };
  return { outcome: "accepted", answer, receipt };
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

type Sent =
  { outcome: "accepted"; answer: string } | Extract<Result, { outcome: "failed" | "unknown" }>;

/** Hands a message to the relay. Gives its refusal; throws what is our bug. */
async function deliver(transport: MailTransport, message: Message): Promise<Sent> {
  const { messageId } = message;
  try {
    return { outcome: "accepted", answer: short(await transport.deliver(message)) };
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
