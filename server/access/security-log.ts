import type { Logger } from "pino";

/** What an operator watches for; each line has it under `security`. */
type SecurityEvent = "link_asked" | "signed_in" | "link_refused" | "request_refused";

interface Details {
  /** The caller's address. */
  peer?: string;
  user?: string;
  status?: number;
  /** Without its query, and without what in it lets somebody in. */
  path?: string;
  method?: string;
  reason?: string;
}

/** Writes one line of the security log; never a token, a key, a cookie or what was typed. */
export function logSecurity(log: Logger, event: SecurityEvent, details: Details): void {
  const line = { security: event, ...details };
  if (event === "link_refused" || event === "request_refused") log.warn(line, "refused");
  else log.info(line, event.replaceAll("_", " "));
}

/** The path of an address as it may be logged: links of mails and invitations let somebody in. */
export function loggedPath(address: string): string {
  const [path = "/"] = address.split("?");
  return path.replace(/^\/(u|invitation)\/.*/, "/$1/…").slice(0, 200);
}
