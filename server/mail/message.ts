import { createHash } from "node:crypto";
import { createTransport } from "nodemailer";
import type { Config } from "#server/config.ts";
import { envelopeSender, messageIdOf, threadRootOf } from "./identity.ts";
import { type Letter, headerText } from "./letter.ts";
import { writeHtml } from "./write-html.ts";
import { writeText } from "./write-text.ts";

/** Raised with every change of what mails look like; the audit names it. */
export const templateVersion = 1;

export interface Message {
  envelope: { from: string; to: string };
  messageId: string;
  subject: string;
  /** The bytes that go out, RFC 5322. */
  raw: Buffer;
  /** Hex SHA-256 of what was rendered, both parts. */
  rendered: string;
}

interface Sending {
  outboxId: string;
  onceKey: string;
  to: { name: string; address: string };
  /** The invoice whose thread it joins, and how many mails that has already. */
  thread: { invoiceId: string; earlier: number } | null;
  date: Date;
}

const builder = createTransport({
  streamTransport: true,
  buffer: true,
  newline: "windows",
  disableFileAccess: true,
  disableUrlAccess: true,
});

/** Builds the message with every header that mail from a machine should carry. */
export async function buildMessage(
  config: Config,
  letter: Letter,
  { outboxId, onceKey, to, thread, date }: Sending,
): Promise<Message> {
  const html = writeHtml(letter);
  const text = writeText(letter);
  const messageId = messageIdOf(config, onceKey);
  const root = thread && threadRootOf(config, thread.invoiceId);
  const subject = thread && thread.earlier > 0 ? `Re: ${letter.subject}` : letter.subject;
  const built = await builder.sendMail({
    from: config.mailFrom,
    to: { name: headerText(to.name), address: to.address },
    subject,
    messageId,
    date,
    text,
    html,
    textEncoding: "quoted-printable",
    attachments: letter.attachment
      ? [{ filename: letter.attachment.name, content: letter.attachment.text }]
      : [],
    headers: {
      "Auto-Submitted": "auto-generated",
      "X-Auto-Response-Suppress": "All",
      "Content-Language": letter.reader.language,
      ...(letter.stopUrl && stopHeaders(letter.stopUrl)),
    },
    ...(root && { inReplyTo: root, references: root }),
  });
  if (!Buffer.isBuffer(built.message)) throw new Error("The message was not built as bytes");
  const from = built.envelope.from || "";
  return {
    envelope: { from: envelopeSender(config, outboxId, from), to: to.address },
    messageId,
    subject,
    raw: built.message,
    rendered: createHash("sha256").update(html).update("\n").update(text).digest("hex"),
  };
}

/** RFC 8058. Prepared, so that no line is folded: a folded one can break a relay's DKIM signature. */
function stopHeaders(url: string) {
  return {
    "List-Unsubscribe": { prepared: true, value: `<${url}>` },
    "List-Unsubscribe-Post": { prepared: true, value: "List-Unsubscribe=One-Click" },
  };
}
