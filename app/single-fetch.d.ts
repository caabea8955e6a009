import "@remix-run/server-runtime";

declare module "@remix-run/server-runtime" {
  // Types of loader data as remix.config.js has them travel: what a loader gives is what a page gets.
  interface Future {
    v3_singleFetch: true;
  }
}
