import { useCallback, useRef } from "react";

/**
 * Gives a function that does something at once, or as soon as the last time is `pauseMs` ago; what that
 * gives calls it off. For effects that answer to what comes again and again.
 */
export function usePaced(pauseMs: number): (act: () => void) => () => void {
  const silentUntil = useRef(0);
  return useCallback(
    (act) => {
      const wait = Math.max(0, silentUntil.current - Date.now());
      const timer = setTimeout(() => {
        silentUntil.current = Date.now() + pauseMs;
        act();
      }, wait);
      return () => clearTimeout(timer);
    },
    [pauseMs],
  );
}
