import { createHmac, timingSafeEqual } from "node:crypto";
import type { Config } from "#server/config.ts";
import { MailKind } from "#domain/mail.ts";

const marks: Record<MailKind, string> = {
  invoices: "i",
  payments: "p",
  overdue: "o",
  disputes: "d",
  comments: "c",
  finance_disputes: "D",
  finance_comments: "C",
  finance_promises: "P",
  finance_delivery: "F",
  finance_connections: "S",
};

export interface Subscription {
  userId: string;
  kind: MailKind;
}

/** Lets its holder stop one kind of mail for one person, and nothing else; short, for a mail header. */
export function stopUrl({ publicUrl, appSecrets }: Config, subscription: Subscription): string {
  const [secret = ""] = appSecrets;
  const { userId, kind } = subscription;
  return `${publicUrl}/u/${signature(secret, subscription)}${marks[kind]}${userId}`;
}

/** Whose mail a token is about. Gives null when it was not made here. */
export function readStopToken({ appSecrets }: Config, token: string): Subscription | null {
  const [, given = "", mark, userId = ""] =
    /^([\w-]{16})([a-zA-Z])([\w-]{1,64})$/.exec(token) ?? [];
  const kind = MailKind.options.find((each) => marks[each] === mark);
  if (!kind) return null;
  const subscription = { userId, kind };
  const genuine = appSecrets.some((secret) => equal(given, signature(secret, subscription)));
  return genuine ? subscription : null;
}

/** 96 bits: enough for a link that can only stop mail. */
function signature(secret: string, { userId, kind }: Subscription): string {
  const mac = createHmac("sha256", secret).update(`stop mail\n${kind}\n${userId}`);
  return mac.digest("base64url").slice(0, 16);
}

function equal(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
