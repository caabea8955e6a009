import type { AppLoadContext } from "@remix-run/node";

/**
 * Reads something once for all loaders of a page. Not for a request that changes things: what an action
 * wrote, the loaders behind it must see.
 */
export function oncePerPage<T>(read: (context: AppLoadContext) => Promise<T>) {
  const known = new WeakMap<AppLoadContext, Promise<T>>();
  return (context: AppLoadContext): Promise<T> => {
    if (!context.readsOnly) return read(context);
    const before = known.get(context);
    if (before) return before;
    const reading = read(context);
    known.set(context, reading);
    return reading;
  };
}
