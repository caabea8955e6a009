import type { AppLoadContext } from "@remix-run/server-runtime";
import type { Auth } from "./access/auth.ts";
import type { Connections } from "./connections/connections.ts";
import type { Context } from "./context.ts";

/** What lives as long as the server: the context and the parts that pages and commands call. */
export interface Portal extends Context {
  auth: Auth;
  connections: Connections;
  /** Something is due in the outbox. */
  wakeOutbox(): void;
  /** A delivery is due. */
  wakeProcess(): void;
}

/** What belongs to one request. */
export interface Asked {
  /** Every script and style element of the page carries it. */
  nonce: string;
  remoteAddress: string;
  headers: Headers;
  /** A GET or HEAD. */
  readsOnly: boolean;
  /** Set when a part of the page failed: what the log calls the failure. */
  reference?: string;
  /** Set by who renders the page: what its response says, which copies of it would only slow down. */
  rendered?: { response: Response; body: Buffer };
}

declare module "@remix-run/server-runtime" {
  // Loaders and actions get this as `context`.
  interface AppLoadContext extends Portal, Asked {}
}

/** The load context of one request. */
export function loadContextOf(portal: Portal, asked: Asked): AppLoadContext {
  return { ...portal, ...asked };
}
