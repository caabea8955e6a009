import type { LinksFunction, LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import {
  Links,
  Meta,
  Outlet,
  Scripts,
  ScrollRestoration,
  useLoaderData,
  useRouteError,
  useRouteLoaderData,
} from "@remix-run/react";
import latinFont from "@fontsource-variable/instrument-sans/files/instrument-sans-latin-wght-normal.woff2?url";
import type { CSSProperties, ReactNode } from "react";
import { answerTo, FailurePage } from "./ui/failure.tsx";
import { Banner } from "./ui/notice.tsx";
import { useNonce } from "./frame/nonce.ts";
import { themeOf } from "./frame/theme.ts";
import { readerId } from "./access/auth.server.ts";
import { readSupplier } from "#db/queries/settings.ts";
import { personMeta } from "#domain/shown-person.ts";
import styles from "#app/styles/app.css?url";
import { useAnchorClicks } from "./ui/row-anchor.tsx";
import { useMenus } from "./frame/menus.ts";
import { referenceMeta, useReference } from "./http/reference.ts";
import { useRouteFocus } from "./frame/route-focus.ts";

export const meta: MetaFunction = ({ error }) => [
  { title: error === undefined ? "Invoices" : answerTo(error).title },
];

export const links: LinksFunction = () => [
  { rel: "preload", href: latinFont, as: "font", type: "font/woff2", crossOrigin: "anonymous" },
  { rel: "stylesheet", href: styles },
  { rel: "icon", href: "/favicon.svg", type: "image/svg+xml" },
];

export async function loader({ request, context }: LoaderFunctionArgs) {
  const { brandColor, name } = await readSupplier(context.db);
  const theme = themeOf(request.headers.get("cookie"));
  const { rehearsal } = context.config;
  return { brandColor, supplier: name, theme, rehearsal, person: await readerId(context) };
}

export function Layout({ children }: { children: ReactNode }) {
  const nonce = useNonce();
  const look = useRouteLoaderData<typeof loader>("root");
  const reference = useReference();
  return (
    <html
      lang="en"
      dir="ltr"
      data-theme={look?.theme}
      style={look && brandStyle(look.brandColor)}
      suppressHydrationWarning
    >
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
        <meta name="color-scheme" content="light dark" />
        <meta name="format-detection" content="telephone=no, date=no, address=no" />
        {look?.person ? <meta name={personMeta} content={look.person} /> : null}
        {reference === null ? null : <meta name={referenceMeta} content={reference} />}
        <Meta />
        <Links />
      </head>
      <body>
        {children}
        <ScrollRestoration nonce={nonce} />
        <Scripts nonce={nonce} />
      </body>
    </html>
  );
}

/** An attribute: an element that the browser makes anew has no nonce, and the policy refuses it. */
function brandStyle(color: string): CSSProperties {
  return { ["--brand" as string]: color };
}

export default function Root() {
  useAnchorClicks();
  useMenus();
  useRouteFocus();
  const { rehearsal } = useLoaderData<typeof loader>();
  return (
    <>
      {rehearsal ? <Banner title="Rehearsal: this portal sends nothing to anybody." /> : null}
      <Outlet />
    </>
  );
}

export function ErrorBoundary() {
  const look = useRouteLoaderData<typeof loader>("root");
  return <FailurePage error={useRouteError()} supplier={look?.supplier} />;
}
