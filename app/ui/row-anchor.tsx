import { useNavigate } from "@remix-run/react";
import { type AnchorHTMLAttributes, useEffect } from "react";

/**
 * A link of a long list to another page of ours. A router's Link works out its address anew in each of
 * a hundred rows; this one is a plain anchor, whose click `useAnchorClicks` takes on.
 */
export function RowAnchor({
  to,
  children,
  ...anchor
}: { to: string } & Omit<AnchorHTMLAttributes<HTMLAnchorElement>, "href">) {
  return (
    <a href={to} data-page="" {...anchor}>
      {children}
    </a>
  );
}

/** Once a page: goes where a plain anchor leads without loading everything anew. */
export function useAnchorClicks(): void {
  const navigate = useNavigate();
  useEffect(() => {
    const follow = (event: MouseEvent) => {
      const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey;
      if (!isPlain || event.altKey || event.defaultPrevented) return;
      const anchor = event.target instanceof Element && event.target.closest("a[data-page]");
      if (!(anchor instanceof HTMLAnchorElement)) return;
      event.preventDefault();
      navigate(anchor.pathname + anchor.search);
    };
    document.addEventListener("click", follow);
    return () => document.removeEventListener("click", follow);
  }, [navigate]);
}
