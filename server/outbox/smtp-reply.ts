import { UpstreamError } from "#server/errors.ts";

/** The relay says that an address does not exist or takes no mail: no other mail to it is tried. */
export class AddressRefused extends UpstreamError {
  override name = "AddressRefused";
}

/** What nodemailer says of a failed attempt, as far as it does. */
interface Failure {
  /** The reply's code, 0 without a reply. */
  status: number;
  /** RFC 3463, `5.1.1`; null when the reply has none. */
  enhanced: string | null;
  /** The command that was answered, e.g. `RCPT TO`. */
  command: string;
  words: string;
}

/**
 * What a failed attempt means. `hasBegun`: the relay had asked for the message and got a part of it, so that
 * without a reply nobody knows whether it took it. Nothing else may have taken effect. Only a reply about the
 * recipient's address is final, and is so for the address; every other 5xx is about us, the moment or the
 * text, and is tried again like a 4xx.
 */
export function upstreamErrorOf(
  cause: Error,
  { envelope, hasBegun }: { envelope: Envelope; hasBegun: boolean },
): UpstreamError {
  const failure = failureOf(cause);
  const { status, words } = failure;
  if (isAboutRecipient(failure, envelope)) {
    return new AddressRefused(words, { cause, status, outcome: "refused", retryAt: null });
  }
  if (status >= 400) return new UpstreamError(words, { cause, status, outcome: "refused" });
  return new UpstreamError(words, { cause, outcome: hasBegun ? "unknown" : "not_sent" });
}

interface Envelope {
  from: string;
  to: string;
}

/**
 * RFC 3463: 5.1.0 may be about any address of the message (Postfix says so of the sender's), 5.1.7 to 5.1.9 are
 * about the sender's and the relay before. 5.2.1 is a mailbox that is closed; 5.2.2 to 5.7.x pass.
 */
const recipientCodes = /^5\.(?:1\.(?:[12346]|10)|2\.1)$/;

/** A relay that names the sender's address and not the recipient's speaks of the sender, whatever its code. */
function isAboutRecipient({ status, enhanced, command, words }: Failure, envelope: Envelope) {
  if (status < 500 || !["RCPT TO", "DATA"].includes(command)) return false;
  if (enhanced === null || !recipientCodes.test(enhanced)) return false;
  const named = (address: string) => words.toLowerCase().includes(address.toLowerCase());
  return named(envelope.to) || !named(envelope.from);
}

function failureOf(error: Error): Failure {
  const words = textOf(error, "response") || error.message;
  const [, enhanced = null] = /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})\b/.exec(words) ?? [];
  const status = "responseCode" in error ? Number(error.responseCode) || 0 : 0;
  return { status, enhanced, command: textOf(error, "command"), words };
}

function textOf(error: object, name: "command" | "response"): string {
  const value: unknown = Reflect.get(error, name);
  return typeof value === "string" ? value : "";
}
