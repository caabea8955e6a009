import { redirect } from "@remix-run/node";

/** Browsers ask for it whatever the page says. */
export function loader() {
  return redirect("/favicon.svg", {
    status: 301,
    headers: { "cache-control": "public, max-age=86400" },
  });
}
