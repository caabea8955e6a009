/**
 * The address of a customer's page: every link, redirect and mail makes it here, so that a page acts for
 * the company that its address names. `path` begins with a slash and may have a query.
 */
export function customerPath(customerId: string, path: string): string {
  return `/c/${encodeURIComponent(customerId)}${path}`;
}
