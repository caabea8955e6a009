import { once } from "node:events";
import { text } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from "smtp-server";

/**
 * How the relay treats a message: takes it, takes it after a second, says that it is busy (4xx), that
 * the recipient or the message is refused (5xx), breaks the connection before it took it, or after.
 */
export type MailTreatment =
  "take" | "slow" | "busy" | "no-recipient" | "no-message" | "hang-up" | "drop";

export interface TakenMail {
  messageId: string;
  to: string;
  /** Which start of the portal sent it. */
  life: number;
  /** The relay never said that it took it. */
  lost: boolean;
}

class SmtpError extends Error {
  readonly responseCode: number;
  constructor(responseCode: number, message: string) {
    super(message);
    this.responseCode = responseCode;
  }
}

const slowMs = 1_000;

export type Relay = Awaited<ReturnType<typeof startRelay>>;

/** A relay on a free port that speaks SMTP; what it took is kept, dropped connections or not. */
export async function startRelay() {
  const taken: TakenMail[] = [];
  const state = {
    life: 0,
    treat: (_to: string): MailTreatment => "take",
    onTaken: (): void => undefined,
  };
  const treated = new WeakMap<SMTPServerSession, MailTreatment>();
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS", "AUTH"],
    onRcptTo({ address }, session, callback) {
      const treatment = state.treat(address);
      treated.set(session, treatment);
      if (treatment === "no-recipient") callback(new SmtpError(550, "5.1.1 no such user here"));
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
    if (treatment === "busy") throw new SmtpError(451, "4.3.0 try again later");
    if (treatment === "no-message") throw new SmtpError(554, "5.7.1 refused by policy");
    if (treatment === "slow") await pause(slowMs);
    if (treatment !== "hang-up") {
      const [, messageId = ""] = /^message-id:\s*(\S+)/im.exec(raw) ?? [];
      const to = session.envelope.rcptTo[0]?.address ?? "";
      taken.push({ messageId, to, life: state.life, lost: treatment === "drop" });
      state.onTaken();
    }
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
    taken,
    /** `treat` says what happens to each message; `onTaken` is called before one is answered. */
    state,
    async close(): Promise<void> {
      for (const connection of server.connections) connection.close();
      await new Promise<void>((resolve) => server.close(resolve));
    },
  };
}
