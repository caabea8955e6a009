import { domainToASCII } from "node:url";
import { z } from "zod";

/**
 * The one reader of mail addresses: spaces around it go, and what comes out has one form, in lower case with
 * its domain as DNS writes it (`jürgen@bücher.example` → `jürgen@xn--bcher-kva.example`). The local part is
 * RFC 5321's dot-atom with RFC 6531's letters, so `a=b`, `ap&ar` and `accounts/payable` are addresses; quoted
 * ones are not taken.
 */
export const MailAddress = z.string().transform((text, context) => {
  const address = readMailAddress(text);
  if (address !== null) return address;
  context.addIssue({ code: "custom", message: "Write an address such as ines@meridian.example" });
  return z.NEVER;
});

const localPart =
  /^[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+(\.[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+)*$/u;
const domain = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+([a-z][a-z0-9-]*[a-z0-9])$/;

/** The address in its one form; null for what is none. */
export function readMailAddress(text: string): string | null {
  const trimmed = text.trim();
  const at = trimmed.lastIndexOf("@");
  const local = trimmed.slice(0, Math.max(0, at)).normalize("NFC").toLowerCase();
  const host = at < 0 ? "" : domainToASCII(trimmed.slice(at + 1));
  if (!localPart.test(local) || !domain.test(host)) return null;
  const isShort = Buffer.byteLength(local) <= 64 && local.length + host.length < 254;
  return isShort ? `${local}@${host}` : null;
}
