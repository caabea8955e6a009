import { beginConnect } from "#server/connections/start-grant.ts";
import { type Connected, finishConnect } from "#server/connections/finish-grant.ts";
import type { TestPortal } from "./start-portal.ts";
import type { Vendor } from "./vendor.ts";

/** The token calls go to this machine. */
export const environment = { OUTBOUND_ALLOW: "127.0.0.0/8" };

const source = { kind: "operator", name: "test" } as const;

/** Goes to the vendor's page, which sends everybody straight back; gives the callback's query. */
export async function visitVendor({ portal }: TestPortal): Promise<URLSearchParams> {
  const there = await beginConnect(portal, { app: "cloud", sessionToken: "session-1" });
  const back = await fetch(there, { redirect: "manual" });
  return new URL(back.headers.get("location") ?? "").searchParams;
}

/** Comes back from the vendor's page. */
export function comeBack(
  { portal }: TestPortal,
  callback: URLSearchParams,
  sessionToken = "session-1",
): Promise<Connected> {
  return finishConnect(portal, { callback, sessionToken, userId: "u1", source });
}

/** Connects the vendor's organisations to the app `cloud`, as a person would. */
export async function connectVendor(running: TestPortal): Promise<Connected> {
  return comeBack(running, await visitVendor(running));
}

/** An invoice in the vendor's books. */
export function putInvoice(
  { books }: Vendor,
  id: string,
  values: Partial<Parameters<Vendor["books"]["put"]>[0]> = {},
): void {
  const changedAt = "2026-11-20T08:00:00.000Z";
  books.put({ id, number: `INV-${id}`, total: 1000, paid: 0, revision: 1, changedAt, ...values });
}
