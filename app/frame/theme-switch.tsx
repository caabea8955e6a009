import { useSyncExternalStore } from "react";

const choices = [
  ["", "As the device"],
  ["light", "Light"],
  ["dark", "Dark"],
] as const;
const year = 365 * 24 * 60 * 60;

/** Lets this browser keep light or dark. Without JavaScript the device decides, so nothing is shown. */
export function ThemeSwitch() {
  const theme = useSyncExternalStore(
    watch,
    () => document.documentElement.dataset.theme ?? "",
    () => null,
  );
  if (theme === null) return null;
  return (
    <fieldset className="row small">
      <legend className="field__label">Appearance</legend>
      {choices.map(([value, words]) => (
        <label key={value} className="row__pick">
          <input
            type="radio"
            name="theme"
            checked={theme === value}
            onChange={() => choose(value)}
          />
          {words}
        </label>
      ))}
    </fieldset>
  );
}

function choose(theme: string) {
  const age = theme === "" ? 0 : year;
  document.cookie = `theme=${theme}; path=/; max-age=${age}; samesite=lax`;
  if (theme === "") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

function watch(changed: () => void) {
  const observer = new MutationObserver(changed);
  observer.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  return () => observer.disconnect();
}
