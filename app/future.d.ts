import "@remix-run/server-runtime";

declare module "@remix-run/server-runtime" {
  // remix.config.js turns it on: loaders and actions give what they return, not its JSON.
  interface Future {
    v3_singleFetch: true;
  }
}
