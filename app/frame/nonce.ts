import { createContext, useContext } from "react";

/** The nonce of this response's content security policy; undefined in the browser, which hides it. */
export const NonceContext = createContext<string | undefined>(undefined);

/** Gives the nonce that every script and style element of the page must carry. */
export function useNonce() {
  return useContext(NonceContext);
}
