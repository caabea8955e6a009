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
  /** Gives up what is under way. */
  cut(): void;
  close(): void;
}

/** A relay that goes on answering and never ends is given up after so long. */
const usualAttemptMs = 2 * 60_000;

/**
 * The relay of SMTP_URL; without one mail is caught for /dev/mail. In production that would lose
 * mail, so null: rows wait until there is a relay.
 */
export function openMailTransport(
  context: Context,
  { mostConnections, attemptMs = usualAttemptMs }: { mostConnections: number; attemptMs?: number },
): MailTransport | null {
  const { smtpUrl, production } = context.config;
  if (smtpUrl) return smtpTransport(smtpUrl, { mostConnections, attemptMs });
  return production ? null : catchingTransport(context);
}

function smtpTransport(
  url: string,
  { mostConnections, attemptMs }: { mostConnections: number; attemptMs: number },
): MailTransport {
  const cut = new AbortController();
  const relay = createTransport({
    pool: true,
    url,
    maxConnections: mostConnections,
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
      const timeout = AbortSignal.timeout(attemptMs);
      const signal = AbortSignal.any([timeout, cut.signal]);
      try {
        return (await relay.sendMail({ envelope, raw, signal })).response;
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        const hasBegun = streams.get(raw)?.readableDidRead ?? false;
        const words = `The relay did not end its answer within ${attemptMs / 1000} seconds`;
        const cause = timeout.aborted ? new Error(words, { cause: error }) : error;
        throw upstreamErrorOf(cause, { envelope, hasBegun });
      }
    },
    cut: () => cut.abort(),
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
    cut: () => undefined,
    close: () => undefined,
  };
}
