import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import PostalMime, { type Email } from "postal-mime";
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from "smtp-server";

/** How the relay treats the next message; `drop` takes it and breaks the connection unanswered, `slow` takes it and answers late. */
export type Treatment = "take" | "busy" | "refuse" | "drop" | "slow";

export interface Taken extends Email {
  raw: string;
  envelope: { from: string; to: string };
  /** The value of a header as one text, lines unfolded as they came. */
  header(name: string): string | undefined;
}

class SmtpError extends Error {
  readonly responseCode: number;
  constructor(responseCode: number, message: string) {
    super(message);
    this.responseCode = responseCode;
  }
}

/** A relay on a free port that speaks real SMTP; `treat` says what happens to the next messages. */
export async function startSmtp() {
  const mails: Taken[] = [];
  const treatments: Treatment[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS", "AUTH"],
    onRcptTo(_address, _session, callback) {
      if (treatments[0] !== "refuse") return callback();
      treatments.shift();
      callback(new SmtpError(550, "5.1.1 no such user here"));
    },
    onData(stream, session, callback) {
      take(stream, session).then(
        () => callback(null),
        (error: Error) => callback(error),
      );
    },
  });

  async function take(stream: SMTPServerDataStream, session: SMTPServerSession): Promise<void> {
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    await once(stream, "end");
    const treatment = treatments.shift() ?? "take";
    if (treatment === "busy") throw new SmtpError(451, "4.3.0 try again later");
    const raw = Buffer.concat(chunks);
    const parsed = await PostalMime.parse(raw);
    const { mailFrom, rcptTo } = session.envelope;
    const from = mailFrom === false ? "" : mailFrom.address;
    const header = (name: string) => parsed.headers.find(({ key }) => key === name)?.value;
    const to = rcptTo[0]?.address ?? "";
    mails.push({ ...parsed, raw: raw.toString(), envelope: { from, to }, header });
    if (treatment === "slow") await pause(400);
    if (treatment === "drop") {
      for (const connection of server.connections) connection.close();
      await new Promise(() => undefined);
    }
  }

  server.on("error", () => undefined);
  const listening = server.listen(0, "127.0.0.1");
  await once(listening, "listening");
  const address = listening.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    treat: (...next: Treatment[]) => treatments.push(...next),
    async [Symbol.asyncDispose]() {
      for (const connection of server.connections) connection.close();
      await new Promise<void>((resolve) => server.close(resolve));
    },
  };
}
