import { type RefObject, useEffect, useState } from "react";

const enoughMs = 8000;

/**
 * Whether what changed was in view for 8 seconds in one go. `change` names the change, null for none:
 * a later one has to be seen again.
 */
export function useSeen(element: RefObject<Element>, change: number | null): boolean {
  const [seen, setSeen] = useState<number | null>(null);
  useEffect(() => {
    const shown = element.current;
    if (change === null || shown === null) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const observer = new IntersectionObserver(([entry]) => {
      clearTimeout(timer);
      if (entry?.isIntersecting) timer = setTimeout(() => setSeen(change), enoughMs);
    });
    observer.observe(shown);
    return () => {
      observer.disconnect();
      clearTimeout(timer);
    };
  }, [element, change]);
  return change !== null && seen === change;
}
