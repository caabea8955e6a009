import { useEffect } from "react";

const quietMs = 3_000;

/**
 * Fetches the scripts of neighbouring pages once the browser has nothing else to do, so that they open
 * during an outage, too: their data is waited for, a script that is missing would end in an error.
 */
export function useWarmRoutes(ids: readonly string[]): void {
  const names = ids.join(" ");
  useEffect(() => {
    const timer = setTimeout(() => {
      const routes = window.__remixManifest.routes;
      const files = names.split(" ").flatMap((id) => {
        const route = routes[id];
        return route ? [route.module, ...(route.imports ?? [])] : [];
      });
      for (const href of new Set(files)) preload(href);
    }, quietMs);
    return () => clearTimeout(timer);
  }, [names]);
}

function preload(href: string): void {
  if (document.querySelector(`link[rel="modulepreload"][href="${CSS.escape(href)}"]`)) return;
  const link = document.createElement("link");
  link.rel = "modulepreload";
  link.href = href;
  document.head.append(link);
}
