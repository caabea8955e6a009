import { useFetcher, useLocation } from "@remix-run/react";
import { useEffect } from "react";
import { usePaced } from "./paced.ts";

const pauseMs = 3_000;

/**
 * What this list's loader gives now: read again once something happened behind it, `last`, at most every
 * three seconds. For what stands around the rows; these keep their places until their reader wants them
 * sorted anew.
 */
export function useFresh<Loaded extends { sequence: number }>(
  loaded: Loaded,
  last: number | undefined,
): Loaded {
  const { key, pathname, search } = useLocation();
  const { data, load } = useFetcher({ key: `fresh ${key}` });
  // It asks the loader that gave `loaded`.
  const fresh = data as Loaded | undefined;
  const newest = fresh && fresh.sequence > loaded.sequence ? fresh : loaded;
  const paced = usePaced(pauseMs);
  useEffect(() => {
    if (last === undefined || last <= newest.sequence) return;
    return paced(() => load(`${pathname}?index${search.replace("?", "&")}`));
  }, [last, newest.sequence, load, paced, pathname, search]);
  return newest;
}
