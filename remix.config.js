/**
 * Options of Remix's Vite plugin. v3_lazyRouteDiscovery stays off: its /__manifest route lets anyone
 * block the event loop with one request and read the list of routes.
 * @type {import("@remix-run/dev").VitePluginConfig}
 */
export default {
  ignoredRouteFiles: ["**/.*", "**/*.test.*"],
  future: {
    v3_fetcherPersist: true,
    v3_relativeSplatPath: true,
    v3_throwAbortReason: true,
    v3_singleFetch: true,
  },
};
