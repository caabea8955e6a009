/**
 * The last part of a page's address, decoded: the router's own parameter has "/" for both "%2F" and "/",
 * and numbers of invoices may hold either.
 */
export function lastPart(request: Request): string {
  const { pathname } = new URL(request.url);
  const part = pathname.replace(/\.data$/, "").replace(/\/+$/, "");
  return decodeURIComponent(part.slice(part.lastIndexOf("/") + 1));
}
