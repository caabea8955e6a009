import { useLocation } from "@remix-run/react";
import { useEffect, useSyncExternalStore } from "react";

const key = (path: string) => `list ${path}`;

/** Keeps this list's address as it is narrowed and sorted, for the way back to it from a row. */
export function useKeepingList(): void {
  const { pathname, search } = useLocation();
  useEffect(() => sessionStorage.setItem(key(pathname), search), [pathname, search]);
}

/** The list at `path` as this tab saw it last; plain without JavaScript. */
export function useKeptList(path: string): string {
  const search = useSyncExternalStore(
    () => () => {},
    () => sessionStorage.getItem(key(path)) ?? "",
    () => "",
  );
  return path + search;
}
