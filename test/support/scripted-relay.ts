import { once } from "node:events";
import { text } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from "smtp-server";

/**
 * How a relay treats a message: takes it, takes it and says so late, is busy (4xx), says that the recipient
 * or the message is refused (5xx), breaks the connection before it took it, or after; or what it answers to
 * which command.
 */
export type MailTreatment =
  | "take"
  | "slow"
  | "busy"
  | "no-recipient"
  | "no-message"
  | "hang-up"
  | "drop"
  | { at: "RCPT TO" | "DATA"; code: number; words: string };

/** A message that the relay took, whether or not it could say so. */
export interface RelayedMail {
  raw: string;
  from: string;
  to: string;
  /** The connection breaks before the relay has said that it took it. */
  lost: boolean;
}

interface Script {
  /** Asked once for each message, when its recipient is named. */
  treat(to: string): MailTreatment;
  /** Called before the message is answered. */
  keep(mail: RelayedMail): void | Promise<void>;
}

class SmtpError extends Error {
  readonly responseCode: number;
  constructor(responseCode: number, message: string) {
    super(message);
    this.responseCode = responseCode;
  }
}

const slowMs = 500;

/** A relay on a free port that speaks real SMTP and does what it is told with each message. */
export async function startScriptedRelay({ treat, keep }: Script) {
  const treated = new WeakMap<SMTPServerSession, MailTreatment>();
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS", "AUTH"],
    onRcptTo({ address }, session, callback) {
      const treatment = treat(address);
      treated.set(session, treatment);
      if (typeof treatment === "object" && treatment.at === "RCPT TO") {
        callback(new SmtpError(treatment.code, treatment.words));
      } else if (treatment === "no-recipient")
        callback(new SmtpError(550, "5.1.1 no such user here"));
      else callback();
    },
    onData(stream, session, callback) {
      take(stream, session).then(
        () => callback(null),
        (error: Error) => callback(error),
      );
    },
  });

  async function take(stream: SMTPServerDataStream, session: SMTPServerSession): Promise<void> {
    const raw = await text(stream);
    const treatment = treated.get(session) ?? "take";
    if (typeof treatment === "object") throw new SmtpError(treatment.code, treatment.words);
    if (treatment === "busy") throw new SmtpError(451, "4.3.0 try again later");
    if (treatment === "no-message") throw new SmtpError(554, "5.7.1 refused by policy");
    if (treatment !== "hang-up") {
      const { mailFrom, rcptTo } = session.envelope;
      const from = mailFrom === false ? "" : mailFrom.address;
      await keep({ raw, from, to: rcptTo[0]?.address ?? "", lost: treatment === "drop" });
    }
    if (treatment === "slow") await pause(slowMs);
    if (treatment !== "hang-up" && treatment !== "drop") return;
    for (const connection of server.connections) {
      if (connection.session.id === session.id) connection.close();
    }
    await new Promise(() => undefined);
  }

  server.on("error", () => undefined);
  const listening = server.listen(0, "127.0.0.1");
  await once(listening, "listening");
  const address = listening.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return {
    url: `smtp://127.0.0.1:${port}`,
    async close(): Promise<void> {
      for (const connection of server.connections) connection.close();
      await new Promise<void>((resolve) => server.close(resolve));
    },
  };
}
