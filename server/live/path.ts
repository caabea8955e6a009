/** Where live pages connect; apart from the schemas, so that browsers do not load those. */
export const livePath = "/live";

/** What a connection without a session is refused with. */
export const signedOut = "signed out";
