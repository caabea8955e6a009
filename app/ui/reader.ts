import { createContext, useContext } from "react";

/** How this reader sees amounts and times. `today` is a bare date in the supplier's zone. */
export type Reader = { locale: string; timeZone: string; today: string };

export const ReaderContext = createContext<Reader>({
  locale: "en-GB",
  timeZone: "UTC",
  today: "",
});

export function useReader() {
  return useContext(ReaderContext);
}
