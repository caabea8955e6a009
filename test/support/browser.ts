import { existsSync } from "node:fs";
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
} from "playwright-core";

const places = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/**
 * Starts the Chromium of this machine, or the one that Playwright installed; close it after use.
 * Throws with what to install when there is none.
 */
export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: findBrowser(),
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/**
 * A browser's windows with the cookies of a session, as `portal.as` gives them. They are kept as a browser
 * keeps them: a header of one's own is not sent again behind a redirect.
 */
export async function signedIn(
  browser: Browser,
  { url, cookie }: { url: string; cookie: string },
  options: BrowserContextOptions = {},
): Promise<BrowserContext> {
  const context = await browser.newContext(options);
  const cookies = cookie.split("; ").map((pair) => {
    const [name = "", ...value] = pair.split("=");
    return { name, value: value.join("="), url };
  });
  await context.addCookies(cookies);
  return context;
}

function findBrowser(): string {
  const found = [...places, chromium.executablePath()].find((place) => existsSync(place));
  if (found) return found;
  throw new Error(
    "The browser tests need Chromium: apt-get install chromium, or npx playwright-core install chromium",
  );
}
