import { RemixBrowser } from "@remix-run/react";
import { startTransition, StrictMode } from "react";
import { hydrateRoot } from "react-dom/client";
import { bound } from "./access/shown-person.ts";
import { patient } from "./http/patient-fetch.ts";

// Remix has no other place to say how its pages are fetched.
globalThis.fetch = patient(bound(globalThis.fetch.bind(globalThis)));

// A page that the Back button brings back as it was may be of a session that ended.
addEventListener("pageshow", ({ persisted }) => {
  if (persisted) location.reload();
});

startTransition(() => {
  hydrateRoot(
    document,
    <StrictMode>
      <RemixBrowser />
    </StrictMode>,
  );
});
