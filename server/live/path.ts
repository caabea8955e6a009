/** Where live pages connect; apart from the schemas, so that browsers do not load those. */
export const livePath = "/live";

/** What a connection without a session is refused with. */
export const signedOut = "signed out";

/** Whether a request asks for the WebSocket of a live page. */
export function isLiveSocket({ url = "", headers }: Asked): boolean {
  return url.startsWith(`${livePath}/`) && headers.upgrade?.toLowerCase() === "websocket";
}

interface Asked {
  url?: string | undefined;
  headers: { upgrade?: string | undefined };
}
