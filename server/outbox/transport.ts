import { createTransport } from "nodemailer";
import { insertCaughtMail } from "#db/queries/mails.ts";
import type { Context } from "#server/context.ts";
import { toInstant } from "#server/domain/time.ts";
import { UpstreamError } from "#server/errors.ts";
import type { Message } from "#server/mail/message.ts";

export interface MailTransport {
  /** Gives the relay's answer. Throws UpstreamError as `UpstreamError.outcome` describes. */
  deliver(message: Message): Promise<string>;
  close(): void;
}

/**
 * The relay of SMTP_URL; without one mail is caught for /dev/mail. In production that would lose
 * mail, so null: rows wait until there is a relay.
 */
export function openMailTransport(context: Context, mostConnections: number): MailTransport | null {
  const { smtpUrl, production } = context.config;
  if (smtpUrl) return smtpTransport(smtpUrl, mostConnections);
  return production ? null : catchingTransport(context);
}

function smtpTransport(url: string, maxConnections: number): MailTransport {
  const relay = createTransport({
    pool: true,
    url,
    maxConnections,
    connectionTimeout: 15_000,
    greetingTimeout: 15_000,
    socketTimeout: 60_000,
    // Each try is ours to decide and to write down.
    maxRequeues: 0,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    async deliver({ envelope, raw }) {
      try {
        return (await relay.sendMail({ envelope, raw })).response;
      } catch (error) {
        throw upstreamError(error);
      }
    },
    close: () => relay.close(),
  };
}

function catchingTransport({ writer, clock }: Context): MailTransport {
  return {
    async deliver({ envelope, subject, raw }) {
      const caught_at = toInstant(clock());
      await insertCaughtMail(writer, { caught_at, recipient: envelope.to, subject, raw });
      return "caught for /dev/mail, not sent";
    },
    close: () => undefined,
  };
}

/**
 * 4xx is tried again. 5xx about the recipient or the message is final; about ourselves (log-in, sender)
 * it may be put right. A connection that breaks later than its opening may have taken the message.
 */
function upstreamError(cause: unknown): unknown {
  if (!(cause instanceof Error)) return cause;
  const code = textOf(cause, "code");
  const command = textOf(cause, "command");
  const status = "responseCode" in cause ? Number(cause.responseCode) : 0;
  const words = textOf(cause, "response") || cause.message;
  if (status >= 500 && (command === "RCPT TO" || command === "DATA")) {
    return new UpstreamError(words, { cause, status, outcome: "refused", retryAt: null });
  }
  if (status >= 400) return new UpstreamError(words, { cause, status, outcome: "refused" });
  const opened = !["EDNS", "EAUTH", "ETLS", "EENVELOPE"].includes(code) && !isConnecting(cause);
  return new UpstreamError(words, { cause, outcome: opened ? "unknown" : "not_sent" });
}

function isConnecting(error: Error): boolean {
  return (
    textOf(error, "syscall") === "connect" || /greeting|connection timeout/i.test(error.message)
  );
}

function textOf(error: object, name: "code" | "command" | "response" | "syscall"): string {
  const value: unknown = Reflect.get(error, name);
  return typeof value === "string" ? value : "";
}
