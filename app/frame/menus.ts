import { useEffect } from "react";

const open = "details[open]:is(.menu, .promise, [data-menu])";

/**
 * Once a page: what opens over it closes by Escape, by a press outside and when the focus leaves it.
 * Without JavaScript its own button closes it.
 */
export function useMenus(): void {
  useEffect(() => {
    const closeOutside = ({ target }: Event) => {
      for (const menu of openMenus()) {
        if (!(target instanceof Node && menu.contains(target))) menu.open = false;
      }
    };
    const closeByKey = ({ key }: KeyboardEvent) => {
      const [menu] = openMenus();
      if (key !== "Escape" || !menu) return;
      menu.open = false;
      menu.querySelector("summary")?.focus();
    };
    document.addEventListener("pointerdown", closeOutside);
    document.addEventListener("focusin", closeOutside);
    document.addEventListener("keydown", closeByKey);
    return () => {
      document.removeEventListener("pointerdown", closeOutside);
      document.removeEventListener("focusin", closeOutside);
      document.removeEventListener("keydown", closeByKey);
    };
  }, []);
}

function openMenus(): HTMLDetailsElement[] {
  return [...document.querySelectorAll<HTMLDetailsElement>(open)];
}
