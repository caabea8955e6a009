import { RemixBrowser } from "@remix-run/react";
import { startTransition, StrictMode } from "react";
import { hydrateRoot } from "react-dom/client";
import { patient } from "./patient-fetch.ts";

// Remix has no other place to say how its pages are fetched.
globalThis.fetch = patient(globalThis.fetch.bind(globalThis));

startTransition(() => {
  hydrateRoot(
    document,
    <StrictMode>
      <RemixBrowser />
    </StrictMode>,
  );
});
