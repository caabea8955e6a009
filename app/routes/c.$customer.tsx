import type { LoaderFunctionArgs } from "@remix-run/node";
import {
  Outlet,
  useLoaderData,
  useLocation,
  useRouteError,
  useRouteLoaderData,
} from "@remix-run/react";
import type { ReactNode } from "react";
import { requireCustomer, requireSession } from "#app/access/auth.server.ts";
import { CompanyMenu, CustomerFrame } from "#app/frame/customer-frame.tsx";
import { Failure, FailurePage } from "#app/ui/failure.tsx";
import { LiveMark } from "#app/live/live-mark.tsx";
import { Banner } from "#app/ui/notice.tsx";
import { When } from "#app/ui/when.tsx";
import type { loader as rootLoader } from "#app/root.tsx";
import { useCustomerPath } from "#app/frame/customer-path.ts";
import { customerFrame } from "#app/frame/frame.server.ts";
import { openedBy } from "#app/live/live-disputes.ts";
import { LiveProvider, useLive, useLiveLink } from "#app/live/live.tsx";
import { useWarmRoutes } from "#app/frame/warm-routes.ts";

export async function loader({ request, params, context }: LoaderFunctionArgs) {
  const scope = await requireCustomer({ request, params, context });
  const session = await requireSession(request, context);
  return customerFrame(context, session, scope);
}

const neighbours = [
  "routes/c.$customer.invoices._index",
  "routes/c.$customer.invoices.$id",
  "routes/c.$customer.invoices_.$id.dispute",
  "routes/c.$customer.disputes._index",
  "routes/c.$customer.disputes.$number",
];

export default function CustomerPages() {
  const loaded = useLoaderData<typeof loader>();
  useWarmRoutes(neighbours);
  return (
    <LiveProvider key={loaded.customer.id} customerId={loaded.customer.id}>
      <Frame loaded={loaded}>
        <Outlet />
      </Frame>
    </LiveProvider>
  );
}

/** A page that failed keeps its frame, so that there is a way on. */
export function ErrorBoundary() {
  const error = useRouteError();
  const loaded = useRouteLoaderData<typeof loader>("routes/c.$customer");
  const look = useRouteLoaderData<typeof rootLoader>("root");
  if (!loaded) return <FailurePage error={error} supplier={look?.supplier} />;
  return (
    <Frame loaded={loaded}>
      <Failure error={error} />
    </Frame>
  );
}

type Loaded = ReturnType<typeof useLoaderData<typeof loader>>;

function Frame({ loaded, children }: { loaded: Loaded; children: ReactNode }) {
  const { supplier, reader, person, customer, disputes } = loaded;
  const link = useLiveLink();
  const pathOf = useCustomerPath();
  const open = disputes + openedBy(useLive(loaded.sequence));
  return (
    <CustomerFrame
      supplier={{ name: supplier.name, address: supplier.address || undefined }}
      home={pathOf("/invoices")}
      nav={[
        { to: pathOf("/invoices"), label: "Invoices", icon: "invoices" },
        { to: pathOf("/disputes"), label: "Disputes", icon: "disputes", count: open },
        { to: pathOf("/settings"), label: "Settings", icon: "settings" },
      ]}
      reader={reader}
      live={link === null ? null : <LiveMark state={link} />}
      company={<CompanyMenu name={customer.name} person={person} several={customer.several} />}
      customer={customer.name}
      banner={link?.link === "not_live" ? <NotLive at={link.at} /> : null}
      footer={[{ to: pathOf("/verify"), label: "Verify a record" }]}
    >
      {children}
    </CustomerFrame>
  );
}

function NotLive({ at }: { at: string }) {
  const { pathname, search } = useLocation();
  return (
    <Banner title="This page is not live.">
      <span>
        You see what was known at <When at={at} form="clock_second" zone />.
      </span>
      <a href={pathname + search}>Try again</a>
    </Banner>
  );
}
