import { Decimal } from "./intuit-company.ts";

/** JSON with decimals as numbers of exactly their digits. */
export function wireText(value: unknown): string {
  const written = JSON.stringify(value, (_name, each: unknown) =>
    each instanceof Decimal ? `decimal:${each.text}` : each,
  );
  return written.replace(/"decimal:([^"]*)"/g, "$1");
}
