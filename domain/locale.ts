/** What people may choose in their settings. */
export const locales = ["en-GB", "en-US", "de-DE"] as const;

/**
 * The language and region to write dates and amounts for. A stored one that names its region stays;
 * "de" alone is de-DE; none, "en" alone and any other language are en-GB ("18 Nov 2026").
 */
export function localeOf(stored: string | null): string {
  if (stored !== null && /^(de|en)-[A-Z]{2}$/.test(stored)) return stored;
  return /^de\b/i.test(stored ?? "") ? "de-DE" : "en-GB";
}
