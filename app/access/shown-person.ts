import { personHeader, personMeta } from "#domain/shown-person.ts";

type Fetch = typeof globalThis.fetch;

/** The id of the person for whom the page was drawn; null when nobody was signed in. */
export function shownPerson(): string | null {
  const meta = document.querySelector(`meta[name="${personMeta}"]`);
  return meta?.getAttribute("content") ?? null;
}

/**
 * The browser's fetch that says for whom the page was drawn, wherever a page loads or sends: when another
 * person signed in meanwhile in the same browser, the server neither fills the page nor takes the form.
 */
export function bound(fetch: Fetch): Fetch {
  return (input, init) => {
    const person = shownPerson();
    if (person === null || !(input instanceof URL) || !input.pathname.endsWith(".data")) {
      return fetch(input, init);
    }
    const headers = new Headers(init?.headers);
    headers.set(personHeader, person);
    return fetch(input, { ...init, headers });
  };
}
