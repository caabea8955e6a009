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

/** The envelope's sender: one for each mail when bounces come back to us, so that each names its row. */
export function envelopeSender({ bounceDomain }: Config, outboxId: string, from: string): string {
  return bounceDomain ? `bounce+${outboxId}@${bounceDomain}` : from;
}
