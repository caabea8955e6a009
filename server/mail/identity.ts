import { createHash } from "node:crypto";
import type { Config } from "#server/config.ts";

/** The right side of our Message-IDs: the host under which the portal is known. */
function hostOf({ publicUrl }: Pick<Config, "publicUrl">): string {
  return new URL(publicUrl).hostname;
}

/** Always the same for one row of the outbox, so that a mail sent twice is one mail. */
export function messageIdOf(config: Config, onceKey: string): string {
  return `<${createHash("sha256").update(onceKey).digest("hex").slice(0, 32)}@${hostOf(config)}>`;
}

/**
 * The root of an invoice's thread. No mail has it as its own Message-ID: relays rewrite those, and a
 * root that lives only there is lost.
 */
export function threadRootOf(config: Config, invoiceId: string): string {
  return `<invoice.${invoiceId.replaceAll(/[^\w.-]/g, "-")}@${hostOf(config)}>`;
}

/** RFC 5321, 4.5.3.1.1. */
const longestLocalPart = 64;

/**
 * The envelope's sender: one for each mail when bounces come back to us, so that each names its row. An id that
 * is too long for an address is named by its event and the beginning of its SHA-256.
 */
export function envelopeSender({ bounceDomain }: Config, outboxId: string, from: string): string {
  if (!bounceDomain) return from;
  const local = `bounce+${outboxId}`;
  if (local.length <= longestLocalPart) return `${local}@${bounceDomain}`;
  const [event = ""] = outboxId.split("-");
  const hash = createHash("sha256").update(outboxId).digest("hex").slice(0, 20);
  return `bounce+${event.slice(0, 20)}-${hash}@${bounceDomain}`;
}
