import type { Readable } from "node:stream";
import { createTransport } from "nodemailer";
import { insertCaughtMail } from "#db/queries/mails.ts";
import type { Context } from "#server/context.ts";
import { toInstant } from "#domain/time.ts";
import type { Message } from "#server/mail/message.ts";
import { upstreamErrorOf } from "./smtp-reply.ts";

export interface MailTransport {
  /** Gives the relay's answer. Throws what `upstreamErrorOf` gives. */
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
  // The relay asks for the message last: what was never read was never sent.
  const streams = new WeakMap<object, Readable>();
  relay.use("stream", ({ data: { raw }, message }, done) => {
    const create = message.createReadStream.bind(message);
    message.createReadStream = (options) => {
      const stream = create(options);
      if (Buffer.isBuffer(raw)) streams.set(raw, stream);
      return stream;
    };
    done();
  });
  return {
    async deliver({ envelope, raw }) {
      try {
        return (await relay.sendMail({ envelope, raw })).response;
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        const hasBegun = streams.get(raw)?.readableDidRead ?? false;
        throw upstreamErrorOf(error, { envelope, hasBegun });
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
