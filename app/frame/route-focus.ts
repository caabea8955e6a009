import { useLocation } from "@remix-run/react";
import { useEffect, useRef } from "react";

/**
 * Once a page: after going to another page the focus is on its title, which a screen reader then says.
 * On the same page it stays where it is, unless what had it is gone.
 */
export function useRouteFocus(): void {
  const { key, pathname, hash } = useLocation();
  const shown = useRef({ key, pathname });
  useEffect(() => {
    const was = shown.current;
    shown.current = { key, pathname };
    if (was.key === key || hash !== "") return;
    const isLost = document.activeElement === null || document.activeElement === document.body;
    if (was.pathname === pathname && !isLost) return;
    const title = document.querySelector<HTMLElement>("main h1");
    if (title === null) return;
    title.tabIndex = -1;
    title.focus({ preventScroll: true });
  }, [key, pathname, hash]);
}
