import type { LoaderFunctionArgs } from "@remix-run/node";

const dayMs = 86_400_000;
/** RFC 9116 wants less than a year. */
const lastsMs = 300 * dayMs;

/** Whom to tell of a hole in this portal (RFC 9116): whoever sends its mail reads what comes back. */
export function loader({ context }: LoaderFunctionArgs) {
  const { mailFrom, publicUrl } = context.config;
  const address = /[^\s<>"]+@[^\s<>"]+/.exec(mailFrom)?.[0];
  const now = context.clock().getTime();
  const expires = new Date(Math.floor((now + lastsMs) / dayMs) * dayMs);
  const lines = [
    `Contact: ${address === undefined ? publicUrl : `mailto:${address}`}`,
    `Expires: ${expires.toISOString()}`,
    "Preferred-Languages: en, de",
    `Canonical: ${new URL("/.well-known/security.txt", publicUrl).href}`,
  ];
  return new Response(`${lines.join("\n")}\n`, {
    headers: {
      "content-type": "text/plain; charset=utf-8",
      "cache-control": "public, max-age=86400",
    },
  });
}
