import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

/** A base address and how many of its leading bits an address has to share. */
export type AddressRange = readonly [ipaddr.IPv4 | ipaddr.IPv6, number];

/**
 * Reads an address or a CIDR range such as `10.0.0.0/8`, an IPv4-mapped one as IPv4; null for anything else.
 * The number of bits may not be empty: `10.0.0.0/` would otherwise mean every address there is.
 */
export function rangeOf(text: string): AddressRange | null {
  const [, address = "", digits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  if (isIP(address) === 0) return null;
  const parsed = ipaddr.parse(address);
  const most = parsed instanceof ipaddr.IPv6 ? 128 : 32;
  const bits = digits === undefined ? most : Number(digits);
  if (bits > most) return null;
  const isMapped = parsed instanceof ipaddr.IPv6 && parsed.isIPv4MappedAddress() && bits >= 96;
  return isMapped ? [parsed.toIPv4Address(), bits - 96] : [parsed, bits];
}

/** Whether an address lies in one of the ranges; false for a text that is no address. */
export function isWithin(ranges: readonly AddressRange[], address: string): boolean {
  if (isIP(address) === 0) return false;
  const parsed = ipaddr.process(address);
  return ranges.some(([base, bits]) =>
    parsed instanceof ipaddr.IPv6
      ? base instanceof ipaddr.IPv6 && parsed.match(base, bits)
      : base instanceof ipaddr.IPv4 && parsed.match(base, bits),
  );
}
