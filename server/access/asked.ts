import { signInTriedMs } from "#server/mail/sign-in.ts";
import { readMailAddress } from "#domain/mail-address.ts";
import { macOf } from "./link-seal.ts";

/** How long a sign-in link works once it was made for its mail, in seconds. */
export const linkSeconds = 600;
/** How long a browser may use the links to an address that it asked for: till the last of them ends. */
export const askedSeconds = signInTriedMs / 1000 + linkSeconds + 60;

interface Asked {
  email: string;
  /** Seconds since 1970. */
  at: number;
}

/** What a browser keeps of having asked for an address. It says to nobody which one, nor whether it is known. */
export function askedMark(secrets: readonly string[], { email, at }: Asked): string {
  const [secret = ""] = secrets;
  const address = readMailAddress(email) ?? email;
  return `${at.toString(36)}.${macOf(secret, `asked\n${at}\n${address}`)}`;
}

/** Clocks of two processes differ by as much, in seconds. */
const clockSeconds = 10;

/**
 * Whether one of a browser's marks says that it asked for this address before the link was made (`madeAt`,
 * seconds since 1970) and not too long before: who steals a link cannot ask for it afterwards.
 */
export function hasAsked(
  secrets: readonly string[],
  marks: readonly string[],
  { email, madeAt }: { email: string; madeAt: number },
): boolean {
  return marks.some((mark) => {
    const at = Number.parseInt(mark, 36);
    if (!(at <= madeAt + clockSeconds && madeAt - at <= askedSeconds)) return false;
    return secrets.some((secret) => askedMark([secret], { email, at }) === mark);
  });
}
