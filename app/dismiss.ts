import { type RefObject, useEffect } from "react";

/** Closes an open `details` on Escape, a press outside, and when the focus leaves it. */
export function useDismiss(element: RefObject<HTMLDetailsElement>): void {
  useEffect(() => {
    const close = () => {
      if (element.current) element.current.open = false;
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || !element.current?.open) return;
      const isInside = element.current.contains(document.activeElement);
      close();
      if (isInside) element.current.querySelector("summary")?.focus();
    };
    const onElsewhere = ({ target }: Event) => {
      if (target instanceof Node && !element.current?.contains(target)) close();
    };
    document.addEventListener("keydown", onKey);
    document.addEventListener("pointerdown", onElsewhere);
    document.addEventListener("focusin", onElsewhere);
    return () => {
      document.removeEventListener("keydown", onKey);
      document.removeEventListener("pointerdown", onElsewhere);
      document.removeEventListener("focusin", onElsewhere);
    };
  }, [element]);
}
