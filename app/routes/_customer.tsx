import type { LoaderFunctionArgs } from "@remix-run/node";
import { Outlet, useLoaderData, useLocation } from "@remix-run/react";
import { requireCustomer, requireSession } from "#app/auth.server.ts";
import { CompanyName, CustomerFrame } from "#app/components/customer-frame.tsx";
import { LiveMark } from "#app/components/live-mark.tsx";
import { Banner } from "#app/components/notice.tsx";
import { When } from "#app/components/when.tsx";
import { customerFrame } from "#app/frame.server.ts";
import { LiveProvider, useLiveLink } from "#app/live.tsx";

export async function loader({ request, context }: LoaderFunctionArgs) {
  const scope = await requireCustomer(request, context);
  const session = await requireSession(request, context);
  return customerFrame(context, session, scope);
}

export default function CustomerPages() {
  const { customer } = useLoaderData<typeof loader>();
  return (
    <LiveProvider key={customer.id}>
      <Frame />
    </LiveProvider>
  );
}

function Frame() {
  const { supplier, reader, customer, disputes } = useLoaderData<typeof loader>();
  const link = useLiveLink();
  const switchTo = customer.several ? { to: "/choose-customer" } : {};
  return (
    <CustomerFrame
      supplier={{ name: supplier.name, address: supplier.address || undefined }}
      home="/invoices"
      nav={[
        { to: "/invoices", label: "Invoices", icon: "invoices" },
        { to: "/disputes", label: "Disputes", icon: "disputes", count: disputes },
        { to: "/settings", label: "Settings", icon: "settings" },
      ]}
      reader={reader}
      live={link === null ? null : <LiveMark state={link} />}
      company={<CompanyName name={customer.name} {...switchTo} />}
      banner={link?.link === "not_live" ? <NotLive at={link.at} /> : null}
      footer={[{ to: "/verify", label: "Verify a record" }]}
    >
      <Outlet />
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
